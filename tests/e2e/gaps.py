"""What the emulator lacks, made up for through its public APIs; `test_gaps.py` fails when a gap has closed.

1. It does not make the routes of an HTTP API's OpenAPI body, which is what SAM makes of `HttpApi` events.
2. It knows a log group by its ARN without the `:*` that AWS and its own CloudFormation put at the end, so a
   policy on `!GetAtt LogGroup.Arn` allows nothing.
3. It makes no function durable that a template or Lambda's API asks to be: its CloudFormation drops
   `DurableConfig`, and it starts a durable execution only for a member that AWS does not have. Nothing here
   makes up for that: `test_lambda_workflow_durable.py` takes the runner that AWS publishes instead.
4. Its CloudFormation refuses the types of `REFUSED_TYPES`, so what refers to one is left out too. AWS Batch
   is among them, and runs no job either; nor does a pipe read a queue. `test_task_queue.py` names what is
   left out. VPC links are too: `sleeping.py` lets an API lead to a container by its address.
5. It gives a task credentials, but not those of its role: nobody would notice a right that is missing.
6. It gives back where a target of kind ECS runs under names of CloudFormation, which no SDK reads.
7. It sends all of a version of an object where a part of it is asked for (`ranges.py`).
8. It asks for rights on a service of ECS on the service's cluster, which allows nothing that names a service.
9. Its CloudFormation refuses alarms that look at more than one metric; they are left out.
10. Its load balancers take plain HTTP where a listener says HTTPS, pass requests on to a task before it is
    ready, and count nothing for CloudWatch. `balanced.py` counts instead.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from e2e.emulator import Account

__all__ = [
    "REFUSED_TYPES",
    "Route",
    "allow_services_by_their_cluster",
    "declared_routes",
    "existing_routes",
    "give_tasks_their_role",
    "job_environment",
    "make_routes",
    "spell_log_groups_both_ways",
    "where_target_runs",
    "without_refused_types",
]

REFUSED_TYPES = frozenset(
    {
        "AWS::ApiGatewayV2::VpcLink",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::Batch::ComputeEnvironment",
        "AWS::Batch::JobDefinition",
        "AWS::Batch::JobQueue",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::ECS::ClusterCapacityProviderAssociations",
    }
)
"""Of the types that are rendered; the rendered repository's own tests read what they say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the processed template.

    Attributes:
        api: Logical id of the HTTP API.
        key: As `GET /orders/{id}`.
        function: Logical id of the function behind it.
        payload: Version of the event format.
    """

    api: str
    key: str
    function: str
    payload: str


def declared_routes(account: Account, stack: str) -> tuple[Route, ...]:
    """Read the routes from the OpenAPI body that the SAM transform wrote for the stack's HTTP APIs."""
    body = account.client("cloudformation").get_template(StackName=stack, TemplateStage="Processed")
    template = body["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    return tuple(
        Route(
            api=logical_id,
            key=_route_key(method, path),
            function=_function_behind(operation),
            payload=operation["x-amazon-apigateway-integration"]["payloadFormatVersion"],
        )
        for logical_id, resource in resources.items()
        if resource["Type"] == "AWS::ApiGatewayV2::Api"
        for path, operations in resource["Properties"].get("Body", {}).get("paths", {}).items()
        for method, operation in operations.items()
    )


def existing_routes(account: Account) -> list[str]:
    """Return the keys of the routes that the account's HTTP APIs have."""
    gateway = account.client("apigatewayv2")
    apis = [api["ApiId"] for api in gateway.get_apis()["Items"]]
    return sorted(route["RouteKey"] for api in apis for route in gateway.get_routes(ApiId=api)["Items"])


def make_routes(account: Account, stack: str) -> None:
    """Make each declared route with the public API, as the service itself does from the OpenAPI body."""
    gateway = account.client("apigatewayv2")
    physical = _physical_ids(account, stack)
    for route in declared_routes(account, stack):
        configuration = account.client("lambda").get_function(FunctionName=physical[route.function])
        integration = gateway.create_integration(
            ApiId=physical[route.api],
            IntegrationType="AWS_PROXY",
            IntegrationUri=configuration["Configuration"]["FunctionArn"],
            PayloadFormatVersion=route.payload,
        )
        target = f"integrations/{integration['IntegrationId']}"
        gateway.create_route(ApiId=physical[route.api], RouteKey=route.key, Target=target)


def spell_log_groups_both_ways(account: Account, stack: str) -> None:
    """Put the roles' inline policies again, with each log group's ARN also without its ending."""
    identities = account.client("iam")
    for role in _physical_ids(account, stack, "AWS::IAM::Role").values():
        for name in identities.list_role_policies(RoleName=role)["PolicyNames"]:
            document = identities.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                given = statement["Resource"]
                resources = given if isinstance(given, list) else [given]
                shorter = [arn.removesuffix(":*") for arn in resources if ":log-group:" in arn]
                statement["Resource"] = [*resources, *shorter]
            identities.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def allow_services_by_their_cluster(account: Account, stack: str) -> None:
    """Put the roles' inline policies again, with each service's ARN also as the ARN of its cluster."""
    identities = account.client("iam")
    for role in _physical_ids(account, stack, "AWS::IAM::Role").values():
        for name in identities.list_role_policies(RoleName=role)["PolicyNames"]:
            document = identities.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                given = statement["Resource"]
                resources = given if isinstance(given, list) else [given]
                services = [arn for arn in resources if re.fullmatch(r"arn:[^/]*:service/[^/]+/[^/]+", arn)]
                clusters = [arn.replace(":service/", ":cluster/").rpartition("/")[0] for arn in services]
                statement["Resource"] = [*resources, *clusters]
            identities.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def without_refused_types(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template without what the emulator's CloudFormation does not know, and what refers to it."""
    refused = {name for name, resource in template["Resources"].items() if _is_refused(resource)}
    while others := {
        name
        for name, resource in template["Resources"].items()
        if name not in refused and refused & set(_referred_to(resource.get("Properties", {})))
    }:
        refused |= others
    outputs = {
        name: output
        for name, output in template.get("Outputs", {}).items()
        if not refused & set(_referred_to(output))
    }
    resources = {
        name: {
            **resource,
            "DependsOn": [other for other in _depends_on(resource) if other not in refused],
        }
        for name, resource in template["Resources"].items()
        if name not in refused
    }
    return {**template, "Resources": resources, "Outputs": outputs}


def give_tasks_their_role(account: Account, stack: str, template: Mapping[str, Any]) -> bool:
    """Put credentials of its role into the variables of each task; tell whether there is an update for it."""
    resources = dict(template["Resources"])
    if not any(resource["Type"] == "AWS::ECS::TaskDefinition" for resource in resources.values()):
        return False
    roles = _physical_ids(account, stack, "AWS::IAM::Role")
    for name, resource in resources.items():
        if resource["Type"] != "AWS::ECS::TaskDefinition":
            continue
        properties = resource["Properties"]
        role, _ = properties["TaskRoleArn"]["Fn::GetAtt"]
        variables = [
            {"Name": key, "Value": value} for key, value in _credentials(account, roles[role]).items()
        ]
        containers = [
            {**container, "Environment": [*container["Environment"], *variables]}
            for container in properties["ContainerDefinitions"]
        ]
        resources[name] = {**resource, "Properties": {**properties, "ContainerDefinitions": containers}}
    account.client("cloudformation").update_stack(
        StackName=stack,
        TemplateBody=json.dumps({**template, "Resources": resources}),
        Capabilities=["CAPABILITY_IAM"],
    )
    return True


def where_target_runs(account: Account, stack: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return capacity and network of a target of kind ECS as the template has them, in words of RunTask."""
    physical = _physical_ids(account, stack)
    [network] = declared["NetworkConfiguration"].values()
    return {
        "capacityProviderStrategy": [_small(item, physical) for item in declared["CapacityProviderStrategy"]],
        "networkConfiguration": {"awsvpcConfiguration": _small(network, physical)},
    }


def job_environment(account: Account, stack: str, declared: Mapping[str, Any]) -> dict[str, str]:
    """Return what a job of Batch is told by its definition, with credentials of its role."""
    physical = _physical_ids(account, stack)
    role, _ = declared["JobRoleArn"]["Fn::GetAtt"]
    told = {one["Name"]: str(_resolved(one["Value"], physical)) for one in declared["Environment"]}
    return told | _credentials(account, physical[role])


def _is_refused(resource: Mapping[str, Any]) -> bool:
    kind, properties = resource["Type"], resource.get("Properties", {})
    return kind in REFUSED_TYPES or (kind == "AWS::CloudWatch::Alarm" and "Metrics" in properties)


def _referred_to(value: Any) -> Iterator[str]:
    """Yield the logical ids that a part of a template refers to."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for item in value.values():
                yield from _referred_to(item)
        case list():
            for item in value:
                yield from _referred_to(item)


def _small(words: Mapping[str, Any], physical: Mapping[str, str]) -> dict[str, Any]:
    return {f"{name[0].lower()}{name[1:]}": _resolved(value, physical) for name, value in words.items()}


def _resolved(value: Any, physical: Mapping[str, str]) -> Any:
    """Put physical ids where a template refers to a resource, or to the id of a security group."""
    if isinstance(value, list):
        return [_resolved(item, physical) for item in value]
    if isinstance(value, dict):
        return physical[value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]]
    return value


def _credentials(account: Account, name: str) -> dict[str, str]:
    """Return credentials of a role that the account's owner may take for a moment."""
    identities = account.client("iam")
    role = identities.get_role(RoleName=name)["Role"]
    takers = role["AssumeRolePolicyDocument"]
    owner = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": role["Arn"].split(":")[4]}}
    widened = {**takers, "Statement": [*takers["Statement"], owner]}
    identities.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(widened))
    given = account.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="task")["Credentials"]
    identities.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(takers))
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def _depends_on(resource: Mapping[str, Any]) -> list[str]:
    given = resource.get("DependsOn", [])
    return [given] if isinstance(given, str) else given


def _physical_ids(account: Account, stack: str, kind: str = "") -> dict[str, str]:
    """Return the physical ids of a stack's resources by logical id, of one CloudFormation type or of all."""
    described = account.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in described
        if kind in {"", item["ResourceType"]}
    }


def _route_key(method: str, path: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"


def _function_behind(operation: Mapping[str, Any]) -> str:
    uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
    found = re.search(r"functions/\$\{(\w+)\.Arn\}", uri)
    if found is None:
        raise ValueError(f"no function in {uri}")
    return found.group(1)
