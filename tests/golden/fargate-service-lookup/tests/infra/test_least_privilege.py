"""The service may do what it needs, and only those may call it that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.cloudformation import Stack

# Actions for which AWS knows no resource: `*` is the narrowest there is.
WITHOUT_RESOURCES = {"ecr:GetAuthorizationToken", "cloudwatch:GetMetricData"}
WITHOUT_RESOURCES |= {"ec2:DescribeNetworkInterfaces", "ecs:ListTasks"}
# The services that work with a role of this template.
ROLE_TAKERS = {"ecs-tasks.amazonaws.com", "lambda.amazonaws.com"}


def test_no_statement_allows_more_than_named_actions_on_named_resources(stack: Stack) -> None:
    broad = [text for owner, statement in _allowed(stack) for text in _too_broad(owner, statement)]

    assert not broad, "\n" + "\n".join(f"- {text}" for text in broad)


def test_no_role_takes_a_managed_policy(stack: Stack) -> None:
    managed = {
        role.logical_id: role.properties["ManagedPolicyArns"]
        for role in stack.of_type("AWS::IAM::Role")
        if role.properties.get("ManagedPolicyArns")
    }

    assert not managed, f"managed policies allow more than this service needs; name its actions instead: {managed}"


def test_only_named_services_take_the_roles(stack: Stack) -> None:
    others = {
        f"{role.logical_id} by {statement.get('Principal')}"
        for role in stack.of_type("AWS::IAM::Role")
        for statement in _list(role.properties["AssumeRolePolicyDocument"]["Statement"])
        if statement.get("Principal") not in [{"Service": service} for service in ROLE_TAKERS]
    }

    assert not others, f"only {', '.join(sorted(ROLE_TAKERS))} may take a role: {sorted(others)}"


def test_whoever_may_call_a_function_is_one_service_for_one_source(stack: Stack) -> None:
    open_doors = [
        permission.logical_id
        for permission in stack.of_type("AWS::Lambda::Permission")
        if not str(permission.properties["Principal"]).endswith(".amazonaws.com")
        or "SourceArn" not in permission.properties
    ]

    assert not open_doors, f"{open_doors} let in more than one source: name a service and a SourceArn"


def _allowed(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in stack.of_type("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        inline = [policy["PolicyDocument"] for policy in resource.properties.get("Policies", [])]
        own = [resource.properties["PolicyDocument"]] if "PolicyDocument" in resource.properties else []
        for document in [*inline, *own]:
            for statement in _list(document["Statement"]):
                if statement["Effect"] == "Allow":
                    yield resource.logical_id, statement


def _too_broad(owner: str, statement: dict[str, Any]) -> Iterator[str]:
    if {"NotAction", "NotResource"} & set(statement):
        yield f"{owner} allows all but something: name what it needs"
    actions, resources = _list(statement.get("Action", [])), _list(statement.get("Resource", []))
    for action in actions:
        if "*" in action:
            yield f"{owner} allows {action}: name the actions it needs"
    if "*" in resources and not set(actions) <= WITHOUT_RESOURCES:
        yield f"{owner} allows {', '.join(actions)} on every resource: name the resource"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
