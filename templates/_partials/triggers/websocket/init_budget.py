# boto3 with two clients costs about six bare starts, logger, metrics and validation one; a quarter more is noise.
MAX_INIT_RATIO = 10.0
