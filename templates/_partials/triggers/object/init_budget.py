# Logger, metrics and validation cost about one bare start; boto3 with DynamoDB, which idempotency needs, six more;
# S3, the largest of its clients, another one.
MAX_INIT_RATIO = 10.5
