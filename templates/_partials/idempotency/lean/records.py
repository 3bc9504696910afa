# One client, made here once: certificates are read while Lambda gives a start its whole processor.
records = DynamoDBPersistenceLayer(
    table_name=settings.idempotency_table,
    client=DynamoDB(os.environ),
)
once = IdempotencyConfig(expires_after_seconds=settings.idempotency_seconds)
