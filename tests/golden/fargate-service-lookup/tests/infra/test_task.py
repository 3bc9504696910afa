"""The task is as small and as closed as the decision record says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

LONGEST_STOP_SECONDS = 120


@pytest.fixture
def task(stack: Stack) -> Resource:
    """The task definition."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    return task


@pytest.fixture
def container(task: Resource) -> dict[str, Any]:
    """Its one container."""
    [container] = task.properties["ContainerDefinitions"]
    return dict(container)


def test_the_size_is_the_decided_one(task: Resource, record: dict[str, Any]) -> None:
    size = record["size"]
    decided = (str(int(size["vcpu"] * 1024)), str(size["memory_mib"]))

    given = (task.properties["Cpu"], task.properties["Memory"])

    assert given == decided, f"{given} is not {decided}, which docs/adr/0001-compute-tier.md found to be enough"


def test_the_temporary_disk_is_the_decided_one(task: Resource, record: dict[str, Any]) -> None:
    decided = record["size"]["ephemeral_gib"]
    given = task.properties.get("EphemeralStorage", {}).get("SizeInGiB", 20)
    [scratch] = task.properties["Volumes"]

    assert given == (decided if decided <= 20 else max(21, decided))
    assert not scratch.get("ConfiguredAtLaunch", False)


def test_the_processor_is_the_decided_one(task: Resource, record: dict[str, Any]) -> None:
    architecture = {"arm64": "ARM64", "x86_64": "X86_64"}[record["size"]["architecture"]]

    assert task.properties["RuntimePlatform"]["CpuArchitecture"] == architecture


def test_the_container_is_not_root_and_gets_no_privilege(container: dict[str, Any]) -> None:
    parameters = container.get("LinuxParameters", {})

    assert container.get("User", "0").split(":")[0].strip("0"), "set User to a number that is not 0"
    assert not container.get("Privileged", False), "privileged mode opens the host"
    assert parameters.get("Capabilities", {}) == {"Drop": ["ALL"]}


def test_the_container_can_write_its_scratch_volume_and_nothing_else(container: dict[str, Any], task: Resource) -> None:
    writable = [point["ContainerPath"] for point in container["MountPoints"] if not point["ReadOnly"]]

    assert container.get("ReadonlyRootFilesystem") is True, "set ReadonlyRootFilesystem"
    assert writable == ["/scratch"]
    assert [volume["Name"] for volume in task.properties["Volumes"]] == ["scratch"]


def test_a_first_process_passes_signals_on(container: dict[str, Any]) -> None:
    parameters = container.get("LinuxParameters", {})

    assert parameters.get("InitProcessEnabled") is True, "process 1 never gets a signal that it does not expect"


def test_the_container_knows_its_region(container: dict[str, Any]) -> None:
    variables = {variable["Name"]: variable["Value"] for variable in container["Environment"]}

    assert variables.get("AWS_DEFAULT_REGION"), "an SDK reads AWS_DEFAULT_REGION, and ECS does not set it"


def test_the_task_and_what_starts_it_have_roles_of_their_own(task: Resource) -> None:
    assert task.properties["TaskRoleArn"] != task.properties["ExecutionRoleArn"]


def test_clients_reach_the_port_of_the_service_and_nothing_else(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    let_in = [
        (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
        for rule in stack.resources[tasks.logical_id].properties.get("SecurityGroupIngress", [])
    ]

    assert let_in == [("tcp", 7000, 7000)], "health is asked inside the task: open the port of the service alone"
    assert not stack.of_type("AWS::EC2::SecurityGroupIngress"), "see above"


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    ports = [
        (rule["FromPort"], rule["ToPort"])
        for rule in stack.resources[tasks.logical_id].properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
