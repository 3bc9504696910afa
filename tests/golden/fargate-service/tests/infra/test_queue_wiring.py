"""Messages are kept until they are done, nobody stops a task that works, and what fails is not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

QUEUES = "AWS::SQS::Queue"
FEWEST_RECEIVES = 3
# A receive that is under way when the task is told to stop, and some calls after the drain.
POLL_SECONDS, MARGIN_SECONDS = 20, 10


@pytest.fixture
def source(stack: Stack) -> Resource:
    """The queue that the service works off."""
    [source] = [queue for queue in stack.of_type(QUEUES) if "RedriveAllowPolicy" not in queue.properties]
    return source


@pytest.fixture
def letters(stack: Stack, source: Resource) -> Resource:
    """Where a message goes that cannot be worked on."""
    target = source.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")
    if not isinstance(target, Reference):
        pytest.skip("there is no dead-letter queue, which another test says")
    return stack.resources[target.logical_id]


@pytest.fixture
def container(stack: Stack) -> dict[str, Any]:
    """The container of every task."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    return dict(container)


@pytest.fixture
def variables(container: dict[str, Any]) -> dict[str, Any]:
    """What a task is told."""
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.fixture
def service(stack: Stack) -> Resource:
    """The service."""
    [service] = stack.of_type("AWS::ECS::Service")
    return service


def test_tasks_work_off_this_queue(variables: dict[str, Any], source: Resource) -> None:
    assert variables["QUEUE_URL"] == Reference(source.logical_id)


def test_a_message_is_hidden_as_long_as_its_task_says(source: Resource, variables: dict[str, Any]) -> None:
    assert source.properties.get("VisibilityTimeout", 30) == int(variables["HIDDEN_SECONDS"])


def test_a_message_in_hand_is_kept_in_time(variables: dict[str, Any]) -> None:
    # A task looks after it after a third, or after the receive that is then under way; its claim lasts three quarters.
    hidden = int(variables["HIDDEN_SECONDS"])

    assert hidden / 3 + POLL_SECONDS < hidden * 3 / 4, "hide messages for longer"


def test_what_is_in_hand_has_its_time_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = POLL_SECONDS + int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_work_that_hangs_is_ended_and_the_slowest_is_not(variables: dict[str, Any], answers: dict[str, Any]) -> None:
    longest_hidden = 43_200
    slowest = min(answers["longest_run_s"] or 900, longest_hidden)

    assert slowest <= int(variables["MESSAGE_SECONDS_AT_MOST"]) <= min(longest_hidden, 2 * slowest)


def test_tasks_may_protect_themselves_and_no_others(stack: Stack) -> None:
    [task], [cluster] = stack.of_type("AWS::ECS::TaskDefinition"), stack.of_type("AWS::ECS::Cluster")
    role = stack.resources[task.properties["TaskRoleArn"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    protecting = [one for one in statements if "ecs:UpdateTaskProtection" in one["Action"]]

    assert protecting, "without it scale-in stops tasks that work: allow ecs:UpdateTaskProtection"
    own = f":task/{cluster.properties['ClusterName']}/*"
    assert [spelled(one["Resource"])[-len(own) :] for one in protecting] == [own]


def test_a_deployment_that_does_not_start_is_rolled_back(service: Resource) -> None:
    breaker = service.properties.get("DeploymentConfiguration", {}).get("DeploymentCircuitBreaker", {})

    assert breaker == {"Enable": True, "Rollback": True}, "ECS would try for hours: set the circuit breaker"


def test_a_deployment_takes_no_task_away_before_a_new_one_runs(service: Resource) -> None:
    configuration = service.properties.get("DeploymentConfiguration", {})

    assert configuration.get("MinimumHealthyPercent", 100) == 100
    assert configuration.get("MaximumPercent", 200) == 200


def test_nobody_gets_a_shell_in_a_task(service: Resource) -> None:
    assert service.properties.get("EnableExecuteCommand", False) is False


def test_tasks_run_in_two_zones_and_can_reach_aws(service: Resource, template: dict[str, Any]) -> None:
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    subnets = [template["Resources"][subnet.logical_id]["Properties"] for subnet in network["Subnets"]]

    assert len({str(subnet["AvailabilityZone"]) for subnet in subnets}) >= 2
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_what_fails_again_and_again_goes_to_a_dead_letter_queue(source: Resource) -> None:
    redrive = source.properties.get("RedrivePolicy", {})

    assert redrive, "set RedrivePolicy, or a bad message comes back until it expires"
    assert int(redrive["maxReceiveCount"]) >= FEWEST_RECEIVES, "a task that was killed costs a message a receive"


def test_a_dead_letter_outlives_the_message_that_it_was(source: Resource, letters: Resource) -> None:
    """It keeps the age of the message, so an equal retention could end on the day of its arrival."""
    kept, lived = (queue.properties["MessageRetentionPeriod"] for queue in (letters, source))

    assert kept > lived, f"keep dead letters for longer than {lived} s"


def test_the_dead_letter_queue_takes_letters_of_this_queue_alone(source: Resource, letters: Resource) -> None:
    allowed = letters.properties.get("RedriveAllowPolicy", {})

    assert allowed.get("redrivePermission") == "byQueue", "any queue of the account could fill it"
    assert [arn.rpartition(":")[2] for arn in allowed["sourceQueueArns"]] == [source.properties["QueueName"]]


def test_every_queue_is_encrypted_without_a_key_that_bills(stack: Stack) -> None:
    plain = [
        queue.logical_id for queue in stack.of_type(QUEUES) if queue.properties.get("SqsManagedSseEnabled") is not True
    ]

    assert not plain, f"set SqsManagedSseEnabled for {plain}"


def test_somebody_is_told_of_dead_letters(stack: Stack, letters: Resource) -> None:
    dimension = {"Name": "QueueName", "Value": Reference(letters.logical_id, "QueueName")}
    watched = [
        alarm.properties["Threshold"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if dimension in alarm.properties.get("Dimensions", [])
    ]

    assert watched == [1], "one alarm on the dead-letter queue that one message sets off"


def test_somebody_is_told_of_messages_that_wait(stack: Stack, source: Resource, variables: dict[str, Any]) -> None:
    dimension = {"Name": "QueueName", "Value": Reference(source.logical_id, "QueueName")}
    ages = [
        alarm.properties["Threshold"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if dimension in alarm.properties.get("Dimensions", [])
        and alarm.properties["MetricName"] == "ApproximateAgeOfOldestMessage"
    ]

    assert len(ages) == 1
    assert ages[0] > int(variables["MESSAGE_SECONDS_AT_MOST"]), "a slow message is none that waits"


def test_results_end(stack: Stack) -> None:
    [table] = stack.of_type("AWS::DynamoDB::Table")

    assert table.properties.get("TimeToLiveSpecification", {}).get("Enabled") is True, "it would grow for ever"
