"""What exists in the emulated account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from e2e.emulator import Account

__all__ = ["leftovers", "log_lines", "outputs"]

# `sam deploy --resolve-s3` makes this stack once per account, for the packages of every stack.
SHARED_STACK = "aws-sam-cli-managed-default"


def outputs(account: Account, stack: str) -> dict[str, str]:
    """Return the stack's outputs by name."""
    stacks = account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}


def log_lines(account: Account, function: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a function logged as JSON; the lines of the platform itself are left out."""
    events = account.client("logs").filter_log_events(logGroupName=function["LoggingConfig"]["LogGroup"])[
        "events"
    ]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


def leftovers(account: Account) -> dict[str, list[str]]:
    """Return names of what exists and could bill or hold data, by kind; empty when nothing does."""
    found = {kind: names(account) for kind, names in KINDS.items()}
    return {kind: names for kind, names in found.items() if names}


def _names(service: str, operation: str, items: str, name: str) -> Callable[[Account], list[str]]:
    def names(account: Account) -> list[str]:
        answer: dict[str, Any] = getattr(account.client(service), operation)()
        return sorted(item[name] for item in answer.get(items, []))

    return names


def _stacks(account: Account) -> list[str]:
    summaries = account.client("cloudformation").list_stacks()["StackSummaries"]
    alive = {item["StackName"] for item in summaries if item["StackStatus"] != "DELETE_COMPLETE"}
    return sorted(alive - {SHARED_STACK})


def _queues(account: Account) -> list[str]:
    return sorted(account.client("sqs").list_queues().get("QueueUrls", []))


def _streams(account: Account) -> list[str]:
    return sorted(account.client("kinesis").list_streams()["StreamNames"])


def _tables(account: Account) -> list[str]:
    return sorted(account.client("dynamodb").list_tables()["TableNames"])


def _clusters(account: Account) -> list[str]:
    return sorted(account.client("ecs").list_clusters()["clusterArns"])


def _networks(account: Account) -> list[str]:
    found = account.client("ec2").describe_vpcs()["Vpcs"]
    return sorted(network["VpcId"] for network in found if not network["IsDefault"])


KINDS: dict[str, Callable[[Account], list[str]]] = {
    "alarms": _names("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "clusters": _clusters,
    "functions": _names("lambda", "list_functions", "Functions", "FunctionName"),
    "HTTP APIs": _names("apigatewayv2", "get_apis", "Items", "Name"),
    "load balancers": _names("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    "log groups": _names("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "networks": _networks,
    "pollers": _names("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "queues": _queues,
    "roles": _names("iam", "list_roles", "Roles", "RoleName"),
    "rules": _names("events", "list_rules", "Rules", "Name"),
    "schedules": _names("scheduler", "list_schedules", "Schedules", "Name"),
    "stacks": _stacks,
    "state machines": _names("stepfunctions", "list_state_machines", "stateMachines", "name"),
    "streams": _streams,
    "tables": _tables,
    "target groups": _names("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    "topics": _names("sns", "list_topics", "Topics", "TopicArn"),
}
