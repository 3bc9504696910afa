"""The rule passes every message of its topics on, to this one function, and nothing is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from infra.cloudformation import Reference

from {{ package_name }}.event import Message

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

{% include "templates/_partials/asynchronous/letters.py" %}

@pytest.fixture
def rule(stack: Stack) -> Resource:
    """What passes messages on."""
    [rule] = stack.of_type("AWS::IoT::TopicRule")
    return rule


@pytest.fixture
def rule_role(stack: Stack) -> Resource:
    """What the rule may do."""
    [role] = [
        role
        for role in stack.of_type("AWS::IAM::Role")
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "iot.amazonaws.com"}
    ]
    return role


def test_the_topics_are_those_that_the_deployment_names(stack: Stack, rule: Resource) -> None:
    sql = rule.properties["TopicRulePayload"]["Sql"]

    assert sql.endswith(f" FROM '{stack.outputs['TopicFilter']}'"), "environments of one account share their topics"


def test_the_rule_says_what_the_handler_reads(rule: Resource) -> None:
    named = re.findall(r" AS (\w+)", rule.properties["TopicRulePayload"]["Sql"])

    assert named == list(Message.__struct_fields__), "write each name in both: {{ stack_file }} and event.py"


def test_the_rule_passes_on_what_is_no_json_too(rule: Resource) -> None:
    sql = rule.properties["TopicRulePayload"]["Sql"]

    assert "encode(*, 'base64') AS data" in sql, "the rule engine drops what is no JSON without a word"
    assert " WHERE " not in sql, "messages that a condition leaves out are rejected by nobody"


def test_the_rule_is_switched_on(rule: Resource) -> None:
    disabled = rule.properties["TopicRulePayload"].get("RuleDisabled", False)

    assert disabled is False, "a rule that is switched off drops every message; set RuleDisabled to false"


def test_the_rule_starts_this_function_and_nothing_else(stack: Stack, rule: Resource) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    actions = rule.properties["TopicRulePayload"]["Actions"]

    assert actions == [{"Lambda": {"FunctionArn": Reference(function.logical_id, "Arn")}}]


def test_what_the_rule_cannot_deliver_is_kept(rule: Resource, rule_role: Resource, letters: Resource) -> None:
    kept = rule.properties["TopicRulePayload"].get("ErrorAction", {}).get("Sqs", {})

    queue = Reference(letters.logical_id)
    assert kept.get("QueueUrl") == queue, "the rule drops what it cannot deliver: set ErrorAction"
    assert kept["RoleArn"] == Reference(rule_role.logical_id, "Arn")
    assert kept["UseBase64"] is False


def test_the_rules_role_may_keep_letters_and_nothing_else(rule_role: Resource, letters: Resource) -> None:
    statements = [one for policy in rule_role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    allowed = [(one["Action"], one["Resource"]) for one in statements]

    kept = Reference(letters.logical_id, "Arn")
    assert allowed == [("sqs:SendMessage", kept)], "the rule needs its role for dead letters alone"


def test_only_this_rule_takes_the_rules_role(rule: Resource, rule_role: Resource) -> None:
    [statement] = rule_role.properties["AssumeRolePolicyDocument"]["Statement"]
    condition = statement.get("Condition", {}).get("StringEquals", {})

    own = f"arn:aws:iot:{{ aws_region }}:123456789012:rule/{rule.properties['RuleName']}"
    wanted = {"aws:SourceAccount": "123456789012", "aws:SourceArn": own}
    assert condition == wanted, "another rule could use it"


def test_only_this_rule_may_start_the_function(stack: Stack, rule: Resource) -> None:
    permissions = [permission.properties for permission in stack.of_type("AWS::Lambda::Permission")]

    sources = [permission["SourceArn"] for permission in permissions if "SourceArn" in permission]
    accounts = [permission["SourceAccount"] for permission in permissions if "SourceArn" in permission]

    assert sources == [Reference(rule.logical_id, "Arn")], "any rule could start it"
    assert accounts == ["123456789012"], "a rule of another account could start it"


{% include "templates/_partials/asynchronous/test_dead_letters.py" %}
