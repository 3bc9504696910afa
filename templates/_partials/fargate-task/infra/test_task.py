{% extends "templates/_partials/container/test_task.py" %}
{% block intro %}
"""The task is as small, as closed and as short-lived as the decision record says."""
{% endblock %}

{% block first %}
def test_no_service_keeps_tasks_running(stack: Stack) -> None:
    kept = stack.of_type("AWS::ECS::Service", "AWS::ECS::TaskSet", "AWS::ECS::ExpressGatewayService")

    assert not kept, f"{kept[0]} keeps tasks running while nothing is to do: start a task when there is"


{% endblock %}

{% block volume %}
    [scratch] = task.properties["Volumes"]
{% endblock %}

{% block volume_size %}
    assert scratch.get("ConfiguredAtLaunch", False) is bool(record["task"]["volume_gib"])
{% endblock %}

{% block ends %}
def test_the_container_has_all_the_time_to_stop_that_there_is(container: dict[str, Any]) -> None:
    assert container.get("StopTimeout") == LONGEST_STOP_SECONDS


def test_a_run_that_hangs_is_ended(container: dict[str, Any], record: dict[str, Any]) -> None:
    variables = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    slowest = record["size"]["timeout_seconds"]

    assert slowest < int(variables["RUN_SECONDS_AT_MOST"]) <= 2 * slowest


{% endblock %}

{% block cluster %}
def test_the_cluster_has_both_kinds_of_capacity_and_prefers_the_decided_one(
    stack: Stack, record: dict[str, Any]
) -> None:
    [capacity] = stack.of_type("AWS::ECS::ClusterCapacityProviderAssociations")
    preferred = "FARGATE_SPOT" if record["task"]["interruptible"] else "FARGATE"

    assert sorted(capacity.properties["CapacityProviders"]) == ["FARGATE", "FARGATE_SPOT"]
    strategy = [item["CapacityProvider"] for item in capacity.properties["DefaultCapacityProviderStrategy"]]
    assert strategy == [preferred]


{% endblock %}
