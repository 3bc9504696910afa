# Logger, metrics and validation cost about one bare start; boto3 with DynamoDB, which idempotency needs, six more;
# S3, the largest of its clients, another one. A quarter more is left for noise.
MAX_INIT_RATIO = 11.5
