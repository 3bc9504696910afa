# At most 2.4 bare starts: logger, metrics and validation cost one, a web framework four, boto3 six. A quarter is noise.
MAX_INIT_RATIO = 3.0
