# At most 8 bare starts, of which boto3 with its client, which idempotency needs, is 7; a quarter more is noise.
MAX_INIT_RATIO = 10.0
