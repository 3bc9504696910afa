"""The job is as small, as closed and as short-lived as the decision record says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

MOST_ATTEMPTS = 10


@pytest.fixture
def job(stack: Stack) -> Resource:
    """The job definition."""
    [job] = stack.of_type("AWS::Batch::JobDefinition")
    return job


@pytest.fixture
def container(job: Resource) -> dict[str, Any]:
    """Its container."""
    return dict(job.properties["ContainerProperties"])


@pytest.fixture
def environment(stack: Stack) -> dict[str, Any]:
    """What jobs run on."""
    [environment] = stack.of_type("AWS::Batch::ComputeEnvironment")
    return dict(environment.properties["ComputeResources"])


def test_no_service_keeps_tasks_running(stack: Stack) -> None:
    kept = stack.of_type("AWS::ECS::Service", "AWS::ECS::TaskSet", "AWS::ECS::ExpressGatewayService")

    assert not kept, f"{kept[0]} keeps tasks running while nothing is to do: submit a job when there is"


def test_nothing_runs_while_no_job_waits(environment: dict[str, Any]) -> None:
    least = (environment.get("MinvCpus", 0), environment.get("DesiredvCpus", 0))

    assert environment["Type"] in {"FARGATE", "FARGATE_SPOT"}, "machines of EC2 are kept; tasks of Fargate are not"
    assert least == (0, 0), "a minimum keeps processors while no job waits"


def test_jobs_run_where_the_record_says(environment: dict[str, Any], record: dict[str, Any]) -> None:
    assert environment["Type"] == ("FARGATE_SPOT" if record["task"]["interruptible"] else "FARGATE")


def test_there_is_a_ceiling_that_holds_for_every_job(
    stack: Stack, environment: dict[str, Any], record: dict[str, Any], answers: dict[str, Any]
) -> None:
    [queue] = stack.of_type("AWS::Batch::JobQueue")
    [place] = queue.properties["ComputeEnvironmentOrder"]
    [made] = stack.of_type("AWS::Batch::ComputeEnvironment")
    bearable = answers["downstream_concurrency"] or max(2, record["peak_concurrency"])

    assert place["ComputeEnvironment"] == Reference(made.logical_id, "ComputeEnvironmentArn"), "another adds to it"
    assert record["size"]["vcpu"] <= environment["MaxvCpus"] <= max(1, bearable * record["size"]["vcpu"])


def test_the_size_is_the_decided_one(container: dict[str, Any], record: dict[str, Any]) -> None:
    size = record["size"]
    given = {one["Type"]: float(one["Value"]) for one in container["ResourceRequirements"]}

    decided = {"VCPU": size["vcpu"], "MEMORY": size["memory_mib"]}
    assert given == decided, f"{given} is not {decided}, which docs/adr/0001-compute-tier.md found to be enough"


def test_the_temporary_disk_is_the_decided_one(container: dict[str, Any], record: dict[str, Any]) -> None:
    decided = record["size"]["ephemeral_gib"]
    given = container.get("EphemeralStorage", {}).get("SizeInGiB", 20)

    assert given == (decided if decided <= 20 else max(21, decided))


def test_the_processor_is_the_decided_one(container: dict[str, Any], record: dict[str, Any]) -> None:
    architecture = {"arm64": "ARM64", "x86_64": "X86_64"}[record["size"]["architecture"]]

    assert container["RuntimePlatform"]["CpuArchitecture"] == architecture


def test_the_container_is_not_root_and_gets_no_privilege(container: dict[str, Any]) -> None:
    assert container.get("User", "0").split(":")[0].strip("0"), "set User to a number that is not 0"
    assert not container.get("Privileged", False), "privileged mode opens the host"
    assert not container.get("EnableExecuteCommand", False), "nobody opens a shell in a task"


def test_the_container_can_write_its_scratch_volume_and_nothing_else(container: dict[str, Any]) -> None:
    writable = [point["ContainerPath"] for point in container["MountPoints"] if not point["ReadOnly"]]

    assert container.get("ReadonlyRootFilesystem") is True, "set ReadonlyRootFilesystem"
    assert writable == ["/scratch"]
    assert [volume["Name"] for volume in container["Volumes"]] == ["scratch"]


def test_a_first_process_passes_signals_on(container: dict[str, Any]) -> None:
    parameters = container.get("LinuxParameters", {})

    assert parameters.get("InitProcessEnabled") is True, "process 1 never gets a signal that it does not expect"


def test_a_run_that_hangs_is_ended(job: Resource, container: dict[str, Any], record: dict[str, Any]) -> None:
    variables = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    slowest = record["size"]["timeout_seconds"]

    assert slowest < int(variables["RUN_SECONDS_AT_MOST"]) <= 2 * slowest
    assert job.properties["Timeout"]["AttemptDurationSeconds"] > int(variables["RUN_SECONDS_AT_MOST"])


def test_a_run_is_tried_again_and_not_for_ever(job: Resource) -> None:
    assert 2 <= job.properties["RetryStrategy"]["Attempts"] <= MOST_ATTEMPTS


def test_a_run_with_wrong_settings_is_not_tried_again(job: Resource) -> None:
    first = job.properties["RetryStrategy"]["EvaluateOnExit"][0]

    assert {name: value.upper() for name, value in first.items()} == {"Action": "EXIT", "OnExitCode": "2"}


def test_the_container_knows_its_region(container: dict[str, Any]) -> None:
    variables = {variable["Name"]: variable["Value"] for variable in container["Environment"]}

    assert variables.get("AWS_DEFAULT_REGION")


def test_a_task_can_reach_aws(stack: Stack, container: dict[str, Any], environment: dict[str, Any]) -> None:
    subnets = {Reference(subnet.logical_id) for subnet in stack.of_type("AWS::EC2::Subnet")}

    assert set(environment["Subnets"]) == subnets
    address = container["NetworkConfiguration"]["AssignPublicIp"]
    assert address == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_the_task_and_what_starts_it_have_roles_of_their_own(container: dict[str, Any]) -> None:
    assert container["JobRoleArn"] != container["ExecutionRoleArn"]


def test_nobody_may_connect_to_a_task(stack: Stack) -> None:
    rules = stack.of_type("AWS::EC2::SecurityGroupIngress", "AWS::EC2::VPCPeeringConnection")
    open_groups = [
        group.logical_id
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        if group.properties.get("SecurityGroupIngress")
    ]

    assert not rules, f"{rules[0]} lets somebody in: a task has a public address and takes no connections"
    assert not open_groups, f"{open_groups} let somebody in: a task has a public address and takes no connections"


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    ports = [
        (rule.get("FromPort"), rule.get("ToPort"))
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        for rule in group.properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
