{% extends "templates/_partials/fargate-task/run.py" %}
{% block typing %}
from typing import TYPE_CHECKING
{% endblock %}
{% block after_typing %}

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_ecs.type_defs import KeyValuePairTypeDef
{% endblock %}
{% block start %}
    cluster, task = start(names, order)
    sys.stdout.write(f"{run_id}: a task takes half a minute to start; Ctrl-C leaves the run alone\n")
    ended = None
    while ended is None:
        time.sleep(PAUSE_SECONDS)
        log.show()
        ended = end_of(cluster, task)
    log.show()
    code, reason = ended
    sys.stdout.write(f"{run_id}: {reason}, exit code {code}\n")
    return code
{% endblock %}
{% block methods %}

def start(names: Mapping[str, str], order: Mapping[str, object]) -> tuple[str, str]:
    """Start the task on what and where {{ {"schedule": "the schedule", "event": "an event", "object": "an object"}[event_source] }} would start it; return the cluster and the task."""
    environment: list[KeyValuePairTypeDef] = [
        {"name": name.upper(), "value": str(value)} for name, value in order.items()
    ]
{% block target %}{% endblock %}
    parameters = target["EcsParameters"]
    network = parameters["NetworkConfiguration"]["awsvpcConfiguration"]
    started = boto3.client("ecs", region_name=REGION).run_task(
        cluster=target["Arn"],
        taskDefinition=parameters["TaskDefinitionArn"],
        capacityProviderStrategy=parameters["CapacityProviderStrategy"],
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": network["Subnets"],
                "securityGroups": network["SecurityGroups"],
                "assignPublicIp": network["AssignPublicIp"],
            },
        },
        overrides={"containerOverrides": [{"name": "job", "environment": environment}]},
        propagateTags="TASK_DEFINITION",
    )
    for failure in started["failures"]:
        message = f"the task could not be started: {failure.get('reason')}"
        raise SystemExit(message)
    return target["Arn"], started["tasks"][0]["taskArn"]


def end_of(cluster: str, task: str) -> tuple[int, str] | None:
    """Return the exit code of a task and why it ended; `None` while it runs."""
    known = boto3.client("ecs", region_name=REGION).describe_tasks(cluster=cluster, tasks=[task])["tasks"]
    if not known:
        message = f"{task}: it ended an hour ago or more, and ECS has forgotten how; its log says"
        raise SystemExit(message)
    [found] = known
    if found["lastStatus"] != "STOPPED":
        return None
    return found["containers"][0].get("exitCode", 1), found.get("stoppedReason", "stopped")

{% endblock %}
