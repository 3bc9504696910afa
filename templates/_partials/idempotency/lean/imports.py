from {{ package_name }}.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
