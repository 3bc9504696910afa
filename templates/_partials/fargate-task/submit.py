{% extends "templates/_partials/fargate-task/run.py" %}
{% block start %}
    jobs = boto3.client("batch", region_name=REGION)
{% block size %}{% endblock %}
    submitted = jobs.submit_job(
        jobName=run_id,
        jobQueue=names["JobQueueArn"],
        jobDefinition=names["JobDefinitionArn"],
{% block array %}{% endblock %}
        containerOverrides={
            "environment": [{"name": name.upper(), "value": str(value)} for name, value in order.items()],
        },
    )
{% block submitted %}
    sys.stdout.write(f"{run_id}: a job takes a minute to start, or waits for its turn; Ctrl-C leaves it alone\n")
{% endblock %}
    status = "SUBMITTED"
    while status not in {"FAILED", "SUCCEEDED"}:
        time.sleep(PAUSE_SECONDS)
        [job] = jobs.describe_jobs(jobs=[submitted["jobId"]])["jobs"]
        status = job["status"]
        log.show()
{% block counted %}{% endblock %}
    sys.stdout.write(f"{run_id}: {status.lower()}, {job.get('statusReason', 'no reason given')}\n")
    return 0 if status == "SUCCEEDED" else 1
{% endblock %}
