{% extends "templates/_partials/fargate-service/sources/connections/test_wiring.py" %}
{% block intro %}
"""Clients come in by TLS, who listens has time to go elsewhere, and what does not start is rolled back."""
{% endblock %}

{% block imports %}
from {{ package_name }} import streams
{% endblock %}

{% block what %}streams{% endblock %}

{% block reach %}
def test_streams_reach_the_tasks_and_health_is_not_public(stack: Stack, targets: Resource) -> None:
    [listener], [rule] = stack.of_type(f"{BALANCING}Listener"), stack.of_type(f"{BALANCING}ListenerRule")
    [condition], [action] = rule.properties["Conditions"], rule.properties["Actions"]

    assert condition["PathPatternConfig"]["Values"] == ["/events"]
    assert (action["Type"], action["TargetGroupArn"].logical_id) == ("forward", targets.logical_id)
    assert [one["Type"] for one in listener.properties["DefaultActions"]] == ["fixed-response"]
{% endblock %}

{% block waits %}
def test_a_heartbeat_comes_before_the_load_balancer_gives_up(stack: Stack) -> None:
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer.properties["LoadBalancerAttributes"]}

    assert int(attributes.get("idle_timeout.timeout_seconds", 60)) >= 2 * streams.HEARTBEAT_SECONDS


def test_streams_have_their_time_to_end_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_streams_are_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
    assert int(variables["STREAMS_AT_MOST"]) == record["connections"]["per_task"]
{% endblock %}
