"""What template.yaml and Lambda itself tell the function, with values for tests."""

from __future__ import annotations

__all__ = ["LAMBDA", "VARIABLES"]

VARIABLES = {
    "CHUNKS_AT_ONCE": "2",
    "ENVIRONMENT": "test",
    "PAGE_PARCELS": "10",
    "STOP_BEFORE_SECONDS": "60",
}
LAMBDA = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_NAME": "function",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "test",
}
