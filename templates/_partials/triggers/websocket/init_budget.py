# boto3 with two clients costs about six bare starts; logger, metrics and validation one.
MAX_INIT_RATIO = 9.0
