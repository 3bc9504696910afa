{% if aws_client == "boto3" %}
import boto3
{% endif %}
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
{% if aws_client == "boto3" %}
{% include "templates/_partials/idempotency/boto3/imports.py" %}
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.config import Config
{% endif %}
