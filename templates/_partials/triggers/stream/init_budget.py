# At most 8 bare starts, of which boto3 with its client, which idempotency needs, is 7; one more is left for noise.
MAX_INIT_RATIO = 9.0
