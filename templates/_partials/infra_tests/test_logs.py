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


{% include "templates/_partials/infra_tests/" ~ {"lambda": "logs_of_functions.py", "fargate-task": "logs_of_tasks.py", "fargate-service": "logs_of_tasks.py"}[tier] %}
{% if tier == "fargate-service" and event_source in ["http", "lookup"] %}


{% include "templates/_partials/infra_tests/logs_of_functions.py" %}
{% endif %}


def test_deleting_the_stack_leaves_nothing_behind(stack: Stack) -> None:
    policies = ("DeletionPolicy", "UpdateReplacePolicy")

    kept = [
        resource.logical_id
        for resource in stack.resources.values()
{% if tier == "lambda" %}
        # A version that is kept through updates, for what still runs on it, ends with its function.
        if resource.type != "AWS::Lambda::Version"
        and any(resource.attributes.get(policy, "Delete") != "Delete" for policy in policies)
{% else %}
        if any(resource.attributes.get(policy, "Delete") != "Delete" for policy in policies)
{% endif %}
    ]

    assert not kept, f"{kept} would stay, and bill, after `make destroy`: use DeletionPolicy: Delete"
