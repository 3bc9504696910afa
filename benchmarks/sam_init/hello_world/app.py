"""What `sam init` gives as hello-world: it imports json; its only requirement is never imported."""

import json


def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"message": "hello world"})}
