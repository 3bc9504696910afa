# Logger, metrics and validation cost about one bare start; a web framework four, boto3 six.
MAX_INIT_RATIO = 2.4
