{% extends "templates/_partials/fargate-task/run.py" %}
{% block intro %}
"""Start a run and follow it: its workflow is started, its log is shown, and its end is the exit code."""
{% endblock %}
{% block before_sys %}
import json
{% endblock %}
{% block start %}
    workflows = boto3.client("stepfunctions", region_name=REGION)
    started = workflows.start_execution(stateMachineArn=names["WorkflowArn"], input=json.dumps(order))
    sys.stdout.write(f"{run_id}: a task takes half a minute to start; Ctrl-C leaves the run alone\n")
    status = "RUNNING"
    while status == "RUNNING":
        time.sleep(PAUSE_SECONDS)
        status = workflows.describe_execution(executionArn=started["executionArn"])["status"]
        log.show()
    sys.stdout.write(f"{run_id}: {status.lower()}\n")
    return 0 if status == "SUCCEEDED" else 1
{% endblock %}
