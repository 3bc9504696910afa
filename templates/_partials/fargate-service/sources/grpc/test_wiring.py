{% extends "templates/_partials/fargate-service/sources/connections/test_wiring.py" %}
{% block intro %}
"""Clients come in by TLS, calls have time to end, and what does not start is rolled back."""
{% endblock %}

{% block imports %}
from {{ package_name }} import calls
from {{ package_name }}.health import READY
{% endblock %}

{% block what %}calls{% endblock %}

{% block reach %}
def test_calls_reach_the_tasks_and_health_is_not_public(stack: Stack, targets: Resource) -> None:
    [listener], [rule] = stack.of_type(f"{BALANCING}Listener"), stack.of_type(f"{BALANCING}ListenerRule")
    [condition], [action] = rule.properties["Conditions"], rule.properties["Actions"]

    assert condition["PathPatternConfig"]["Values"] == [f"/{READY}/*"], "clients reach the service of proto/ alone"
    assert (action["Type"], action["TargetGroupArn"].logical_id) == ("forward", targets.logical_id)
    assert [one["Type"] for one in listener.properties["DefaultActions"]] == ["fixed-response"]
{% endblock %}

{% block health %}
    assert targets.properties["TargetType"] == "ip"
    assert targets.properties.get("ProtocolVersion") == "GRPC", "calls of gRPC need HTTP/2 and trailers on the way"


def test_the_load_balancer_asks_for_health_as_grpc_has_it(targets: Resource) -> None:
    assert targets.properties["HealthCheckPath"] == "/grpc.health.v1.Health/Check"
    # By default a method that does not exist (12) is healthy.
    assert targets.properties.get("Matcher") == {"GrpcCode": "0"}, "a task that is not ready answers another status"
{% endblock %}

{% block waits %}
def test_the_load_balancer_waits_for_a_heartbeat_and_for_the_slowest_answer(
    stack: Stack, targets: Resource, variables: dict[str, Any]
) -> None:
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer.properties["LoadBalancerAttributes"]}
    waits = int(attributes.get("idle_timeout.timeout_seconds", 60))
    of_targets = {one["Key"]: one["Value"] for one in targets.properties["TargetGroupAttributes"]}
    waits_for_the_end = int(of_targets.get("deregistration_delay.timeout_seconds", 300))
    answer_seconds = int(variables["ANSWER_SECONDS_AT_MOST"])

    assert waits >= 2 * calls.HEARTBEAT_SECONDS, "a stream on which nobody speaks is broken off"
    assert waits > answer_seconds, "a question that takes long is broken off"
    assert waits_for_the_end > answer_seconds, "a question that takes long is broken off by a deployment"


def test_calls_have_their_time_to_end_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_messages_are_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
    assert int(variables["MESSAGE_BYTES_AT_MOST"]) == record["connections"]["message_kib"] * 1024
    assert int(variables["CALLS_AT_MOST"]) == record["connections"]["per_task"]
{% endblock %}
