"""Logs go where they end, and nothing outlives the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Stack


def test_every_log_group_has_a_retention(stack: Stack) -> None:
    endless = [
        group.logical_id
        for group in stack.of_type("AWS::Logs::LogGroup")
        if not isinstance(group.properties.get("RetentionInDays"), int)
    ]

    assert not endless, f"{endless} keep logs for ever, and bill for ever: set RetentionInDays"


def test_every_container_logs_to_a_group_of_this_template(stack: Stack) -> None:
    groups = {Reference(group.logical_id) for group in stack.of_type("AWS::Logs::LogGroup")}

    elsewhere = [
        f"{task}: {container['Name']}"
        for task in stack.of_type("AWS::ECS::TaskDefinition")
        for container in task.properties["ContainerDefinitions"]
        if container.get("LogConfiguration", {}).get("Options", {}).get("awslogs-group") not in groups
    ]

    assert not elsewhere, f"what {elsewhere} say is lost, or kept for ever: log to a group of this template"


def test_every_function_logs_to_a_group_of_this_template(stack: Stack) -> None:
    groups = {Reference(group.logical_id) for group in stack.of_type("AWS::Logs::LogGroup")}

    elsewhere = [
        function.logical_id
        for function in stack.of_type("AWS::Lambda::Function")
        if function.properties.get("LoggingConfig", {}).get("LogGroup") not in groups
    ]

    assert not elsewhere, f"Lambda makes a log group without end for {elsewhere}: set LoggingConfig.LogGroup"


def test_every_stage_writes_access_logs(stack: Stack) -> None:
    groups = {Reference(group.logical_id, "Arn") for group in stack.of_type("AWS::Logs::LogGroup")}

    silent = [
        stage.logical_id
        for stage in stack.of_type("AWS::ApiGatewayV2::Stage")
        if stage.properties.get("AccessLogSettings", {}).get("DestinationArn") not in groups
    ]

    assert not silent, f"{silent} write no access logs to a group of this template: set AccessLogSettings"


def test_deleting_the_stack_leaves_nothing_behind(stack: Stack) -> None:
    policies = ("DeletionPolicy", "UpdateReplacePolicy")

    kept = [
        resource.logical_id
        for resource in stack.resources.values()
        if any(resource.attributes.get(policy, "Delete") != "Delete" for policy in policies)
    ]

    assert not kept, f"{kept} would stay, and bill, after `make destroy`: use DeletionPolicy: Delete"
