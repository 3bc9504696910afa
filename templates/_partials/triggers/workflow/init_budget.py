# Logger, metrics and validation cost about one bare start; boto3 with its client, which checkpoints need, six more;
# a quarter more is left for noise.
MAX_INIT_RATIO = 10.0
