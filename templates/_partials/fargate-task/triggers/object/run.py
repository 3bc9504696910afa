{% extends "templates/_partials/fargate-task/run_task.py" %}
{% block intro %}
"""Start a run now and follow it: the task that an object would start, its log, and its exit code."""
{% endblock %}
{% block arguments %}
    parser.add_argument("--key", required=True, help="the object")
    parser.add_argument("--run-id", default="", help="which version of it; else the newest")
{% endblock %}
{% block order %}
    order = asked(names["BucketName"], options.key, options.run_id)
    run_id = str(order["run_id"])
{% endblock %}
{% block target %}
    rules = boto3.client("events", region_name=REGION)
    [target] = rules.list_targets_by_rule(Rule=names["StartRuleArn"].rsplit("/", 1)[-1])["Targets"]
{% endblock %}
{% block methods %}

def asked(bucket: str, key: str, version: str) -> dict[str, object]:
    """Return what a run of an object is asked for, as its event would say it."""
    s3 = boto3.client("s3", region_name=REGION)
    versions = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
    for found in (found for page in versions for found in page.get("Versions", []) if found["Key"] == key):
        if found["VersionId"] == version or (found["IsLatest"] and not version):
            return {"run_id": found["VersionId"], "object_key": key, "object_bytes": found["Size"]}
    message = f"{bucket} has no {key!r}" + (f" of version {version}" if version else "")
    raise SystemExit(message)

{{ super() }}{% endblock %}
