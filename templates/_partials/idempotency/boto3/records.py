# The runtime brings boto3. One client, made here once, with a patience that ends before the function does.
_patience = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
records = DynamoDBPersistenceLayer(
    table_name=settings.idempotency_table,
    boto3_client=boto3.client("dynamodb", config=_patience),
)
once = IdempotencyConfig(expires_after_seconds=settings.idempotency_seconds)
