# Logger, metrics and validation cost about one bare start, the client and its certificates one and a half; the rest is
# for noise. boto3 costs six.
MAX_INIT_RATIO = 4.6
