"""API Gateway routes what the handler answers, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipping_quotes.handlers.http import ROUTES

if TYPE_CHECKING:
    from infra.cloudformation import Stack


def test_the_routes_of_the_template_are_the_routes_of_the_handler(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    routed = {
        f"{method.upper()} {path}"
        for path, methods in api.properties["Body"]["paths"].items()
        for method, operation in methods.items()
        if not operation.get("isDefaultRoute")
    }

    assert routed == set(ROUTES), "write each route in both: Events in template.yaml and ROUTES in handlers/http.py"


def test_what_matches_no_route_still_gets_a_problem_response(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    operations = [operation for methods in api.properties["Body"]["paths"].values() for operation in methods.values()]

    assert any(operation.get("isDefaultRoute") for operation in operations), "keep the event without path and method"
