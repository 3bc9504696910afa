# Logger, metrics and validation cost about one bare start; boto3 with its client, which checkpoints need, six more,
# and the SDK of durable executions two and a half. A quarter more is left for noise.
MAX_INIT_RATIO = 13.0
