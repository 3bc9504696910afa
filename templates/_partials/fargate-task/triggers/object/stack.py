{% extends "templates/_partials/fargate-task/stack.py" %}
{% block imports %}
from objects import make_objects
from rule import Events, keep, start
{% if decision.task.interruptible %}
from starts import start_again_undisturbed
{% endif %}
{% endblock %}
{% block typing %}
    from collections.abc import Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
{% endblock %}
{% block constants %}
# EventBridge escapes nothing that it tells a task, so a key with one of these could say something else.
UNTOLD = ['*"*', "*\\\\*"]
{% endblock %}
{% block deployment_attributes %}
        object_retention_days: How long objects are kept. At least as long as a dead letter that names one (14 days).
{% endblock %}
{% block deployment_fields %}
    object_retention_days: int = 90
{% endblock %}
{% block compute %}
        objects, reading = make_objects(self, deployment.object_retention_days)
        compute = self._make_compute(objects, reading)
{% endblock %}
{% block given %}, objects: s3.Bucket, reading: iam.PolicyStatement{% endblock %}
{% block told %}
            "OBJECTS": objects.bucket_name,
{% endblock %}
{% block rights %}[*rights, reading]{% endblock %}
{% block start %}
        # A version of an object is one run, however often S3 tells of it.
        told = {
            "RUN_ID": "$.detail.object.version-id",
            "OBJECT_KEY": "$.detail.object.key",
            "OBJECT_BYTES": "$.detail.object.size",
        }
        start(self, compute, letters, arrival(objects, {"anything-but": {"wildcard": UNTOLD}}), told)
        keep(self, letters, arrival(objects, *({"wildcard": text} for text in UNTOLD)))
{% if decision.task.interruptible %}
        start_again_undisturbed(self, compute, letters)
{% endif %}
{% endblock %}
{% block functions %}


def arrival(objects: s3.Bucket, *keys: Mapping[str, object]) -> Events:
    """Return the arrivals of objects under a key that matches one of these."""
    detail = {"bucket": {"name": [objects.bucket_name]}, "object": {"key": list(keys)}}
    return Events(pattern={"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})
{% endblock %}
