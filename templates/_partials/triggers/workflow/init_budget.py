# Logger, metrics and validation cost about one bare start; boto3 with its client, which checkpoints need, six more.
MAX_INIT_RATIO = 9.0
