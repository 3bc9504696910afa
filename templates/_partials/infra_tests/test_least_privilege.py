"""The service may do what it needs, and only those may call it that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator{% if public_url %}, Mapping{% endif %}


    from infra.cloudformation import Stack

# Actions for which AWS knows no resource: `*` is the narrowest there is.
WITHOUT_RESOURCES = {{ {"lambda": '{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}', "fargate-task": '{"ecr:GetAuthorizationToken"}', "fargate-service": '{"ecr:GetAuthorizationToken"' ~ (', "cloudwatch:GetMetricData"' if event_source in ["http", "lookup"] else "") ~ "}"}[tier] }}
{% if state_machine %}
{% include "templates/_partials/triggers/workflow/actions_without_resources.py" %}
{% endif %}
{% if event_source == "lookup" %}
WITHOUT_RESOURCES |= {"ec2:DescribeNetworkInterfaces", "ecs:ListTasks"}
{% endif %}
# The services that work with a role of this template.
ROLE_TAKERS = {% include trigger_folder ~ "/role_takers.txt" %}


def test_no_statement_allows_more_than_named_actions_on_named_resources(stack: Stack) -> None:
    broad = [text for owner, statement in _allowed(stack) for text in _too_broad(owner, statement)]

    assert not broad, "\n" + "\n".join(f"- {text}" for text in broad)


{% if tier == "fargate-task" and decision.task.volume_gib %}
# ECS handles volumes with it, and AWS binds it to those that ECS made.
OF_ECS = ":iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes"


def test_no_role_takes_a_managed_policy_but_ecs_that_for_its_volumes(stack: Stack) -> None:
    managed = {
        role.logical_id: policy
        for role in stack.of_type("AWS::IAM::Role")
        for policy in role.properties.get("ManagedPolicyArns", [])
        if not policy.endswith(OF_ECS)
        or role.properties["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] != {"Service": "ecs.amazonaws.com"}
    }

    assert not managed, f"managed policies allow more than this service needs; name its actions instead: {managed}"


{% else %}
def test_no_role_takes_a_managed_policy(stack: Stack) -> None:
    managed = {
        role.logical_id: role.properties["ManagedPolicyArns"]
        for role in stack.of_type("AWS::IAM::Role")
        if role.properties.get("ManagedPolicyArns")
    }

    assert not managed, f"managed policies allow more than this service needs; name its actions instead: {managed}"


{% endif %}
def test_only_named_services_take_the_roles(stack: Stack) -> None:
    others = {
        f"{role.logical_id} by {statement.get('Principal')}"
        for role in stack.of_type("AWS::IAM::Role")
        for statement in _list(role.properties["AssumeRolePolicyDocument"]["Statement"])
        if statement.get("Principal") not in [{"Service": service} for service in ROLE_TAKERS]
    }

    assert not others, f"only {', '.join(sorted(ROLE_TAKERS))} may take a role: {sorted(others)}"


{% if tier == "lambda" or event_source in ["http", "lookup"] %}
def test_whoever_may_call_a_function_is_one_service_for_one_source(stack: Stack) -> None:
    open_doors = [
        permission.logical_id
        for permission in stack.of_type("AWS::Lambda::Permission")
{% if public_url %}
        if not _is_the_public_url(permission.properties)
        and (
            not str(permission.properties["Principal"]).endswith(".amazonaws.com")
            or "SourceArn" not in permission.properties
        )
{% else %}
        if not str(permission.properties["Principal"]).endswith(".amazonaws.com")
        or "SourceArn" not in permission.properties
{% endif %}
    ]

    assert not open_doors, f"{open_doors} let in more than one source: name a service and a SourceArn"


{% endif %}
{% if public_url %}
def _is_the_public_url(permission: Mapping[str, Any]) -> bool:
    """Tell whether a permission lets everybody in, by the function URL and in no other way."""
    match permission:
        case {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE", **others}:
            return set(others) == {"FunctionName", "Principal"}
        case {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True, **others}:
            return set(others) == {"FunctionName", "Principal"}
    return False


{% endif %}
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
