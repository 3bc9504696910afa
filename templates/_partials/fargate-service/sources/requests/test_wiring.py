{% extends "templates/_partials/fargate-service/sources/connections/test_wiring.py" %}
{% block intro %}
"""Callers come in by TLS, are waited for as long as they may take, and what does not start is rolled back."""
{% endblock %}

{% block modules %}
from fnmatch import fnmatch
{% endblock %}

{% block libraries %}
from starlette.routing import Route
{% endblock %}

{% block imports %}
from {{ package_name }}.app import Desk, make_app
{% endblock %}

{% block what %}requests{% endblock %}

{% block reach %}
def test_what_the_application_answers_reaches_the_tasks_and_health_is_not_public(
    stack: Stack, targets: Resource
) -> None:
    [listener], [rule] = stack.of_type(f"{BALANCING}Listener"), stack.of_type(f"{BALANCING}ListenerRule")
    [condition], [action] = rule.properties["Conditions"], rule.properties["Actions"]
    patterns = condition["PathPatternConfig"]["Values"]
    paths = {route.path for route in make_app(Desk()).routes if isinstance(route, Route)}

    passed_on = {path for path in paths if any(fnmatch(path, pattern) for pattern in patterns)}

    assert paths - passed_on == {"/alive", "/ready"}, "infra/front.py names the paths that are passed on"
    assert (action["Type"], action["TargetGroupArn"].logical_id) == ("forward", targets.logical_id)
    assert [one["Type"] for one in listener.properties["DefaultActions"]] == ["fixed-response"]
{% endblock %}

{% block waits %}
@pytest.fixture
def idle_seconds(stack: Stack) -> int:
    """How long the load balancer waits while nothing is said."""
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer.properties["LoadBalancerAttributes"]}
    return int(attributes.get("idle_timeout.timeout_seconds", 60))


def test_the_longest_request_is_waited_for(
    idle_seconds: int, variables: dict[str, Any], answers: dict[str, Any]
) -> None:
    gives_up = int(variables["SECONDS_AT_MOST"])

    assert gives_up >= (answers["longest_run_s"] or 0), "the task gives up what was stated to be ordinary"
    assert gives_up < idle_seconds <= LONGEST_IDLE_SECONDS, "the caller would never learn why"


def test_a_task_that_ends_is_waited_for(targets: Resource, variables: dict[str, Any]) -> None:
    attributes = {one["Key"]: one["Value"] for one in targets.properties["TargetGroupAttributes"]}
    waited = int(attributes.get("deregistration_delay.timeout_seconds", 300))
    gives_up = int(variables["SECONDS_AT_MOST"])

    assert gives_up <= waited <= LONGEST_DEREGISTRATION_SECONDS, "a deployment cuts requests off"


def test_the_load_balancer_closes_connections_and_no_task_does(idle_seconds: int, variables: dict[str, Any]) -> None:
    assert int(variables["KEEP_ALIVE_SECONDS"]) > idle_seconds, "a request would meet a connection that is just closed"


def test_what_is_left_has_its_time_to_end_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_bodies_and_requests_are_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
    assert int(variables["MAX_BODY_BYTES"]) == record["serving"]["body_bytes"]
    assert int(variables["AT_ONCE"]) == record["serving"]["at_once"]
{% endblock %}

{% block told %}


def test_somebody_is_told_of_errors_of_this_deployment(stack: Stack, variables: dict[str, Any]) -> None:
    own = {"service": "{{ project_name }}", "environment": variables["ENVIRONMENT"]}
    watched = [
        {entry["Name"]: entry["Value"] for entry in alarm.properties["Dimensions"]}
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "Errors"
    ]

    assert watched == [own]
{% endblock %}

{% block constants %}
# The most that load balancers offer.
LONGEST_IDLE_SECONDS, LONGEST_DEREGISTRATION_SECONDS = 4_000, 3_600
{% endblock %}
