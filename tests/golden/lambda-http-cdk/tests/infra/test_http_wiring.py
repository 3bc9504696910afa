"""API Gateway routes what the handler answers, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipping_quotes.handlers.http import ROUTES

if TYPE_CHECKING:
    from infra.cloudformation import Stack


def test_the_routes_of_the_stack_are_the_routes_of_the_handler(stack: Stack) -> None:
    keys = {route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")}

    routed = keys - {"$default"}
    assert routed == set(ROUTES), "write each route in infra/stack.py and in handlers/http.py"


def test_what_matches_no_route_still_gets_a_problem_response(stack: Stack) -> None:
    routed = [route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")]

    assert "$default" in routed, "keep the default integration"
