VARIABLES = {
    "ENVIRONMENT": "test",
    "IDEMPOTENCY_SECONDS": "3600",
    "IDEMPOTENCY_TABLE": "idempotency",
    "MAX_LINE_BYTES": "1024",
}
