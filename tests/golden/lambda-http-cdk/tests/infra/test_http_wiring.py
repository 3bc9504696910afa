"""API Gateway routes what the handler answers, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.cloudformation import Reference, spelled

from shipping_quotes.handlers.http import ROUTES

if TYPE_CHECKING:
    from infra.cloudformation import Stack


def test_the_routes_of_the_stack_are_the_routes_of_the_handler(stack: Stack) -> None:
    keys = {route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")}

    routed = keys - {"$default"}
    assert routed == set(ROUTES), "write each route in infra/stack.py and in handlers/http.py"


def test_what_matches_no_route_still_gets_a_problem_response(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")
    routed = [route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")]
    doors = [spelled(door.properties["SourceArn"]) for door in stack.of_type("AWS::Lambda::Permission")]

    assert "$default" in routed, "keep the default integration"
    # The default route has a stage and a name, but no path: with `/*/*/*` alone callers would get 500.
    ending = f"{spelled(Reference(api.logical_id))}/*/*"
    assert any(door.endswith(ending) for door in doors), f"let the default route call the function: {ending}"
