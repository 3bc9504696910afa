"""What the emulator lacks, made up for through its public APIs; `test_gaps.py` fails when a gap has closed.

1. It does not make the routes of an HTTP API's OpenAPI body, which is what SAM makes of `HttpApi` events.
2. It knows a log group by its ARN without the `:*` that AWS and its own CloudFormation put at the end, so a
   policy on `!GetAtt LogGroup.Arn` allows nothing.
3. It makes no function durable that a template or Lambda's API asks to be: its CloudFormation drops
   `DurableConfig`, and it starts a durable execution only for a member that AWS does not have. Nothing here
   makes up for that: `test_lambda_workflow_durable.py` takes the runner that AWS publishes instead.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from e2e.emulator import Account

__all__ = ["Route", "declared_routes", "existing_routes", "make_routes", "spell_log_groups_both_ways"]


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
