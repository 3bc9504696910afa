"""HTTP through the emulated API Gateway, and the routes that the emulator does not make by itself."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator import Account

__all__ = ["Response", "declared_routes", "existing_routes", "make_routes", "request"]

TIMEOUT_SECONDS = 30


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer, with lower-case header names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


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
    described = account.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    physical = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in described}
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


def request(
    account: Account, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Send a request to the account's only HTTP API; bytes are sent as they are, all else as JSON."""
    (api,) = account.client("apigatewayv2").get_apis()["Items"]
    address = urlsplit(account.endpoint)
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
    host = f"{api['ApiId']}.execute-api.localhost:{address.port}"
    sent = {"Host": host, "Content-Type": "application/json", **(headers or {})}
    connection.request(method, path, body=content or None, headers=sent)
    answer = connection.getresponse()
    received = {name.lower(): value for name, value in answer.getheaders()}
    response = Response(status=answer.status, headers=received, body=answer.read())
    connection.close()
    return response


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
