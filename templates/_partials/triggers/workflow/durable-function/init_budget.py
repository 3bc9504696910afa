# Logger, metrics and validation cost about one bare start; boto3 with its client, which checkpoints need, six more,
# and the SDK of durable executions two and a half.
MAX_INIT_RATIO = 12.0
