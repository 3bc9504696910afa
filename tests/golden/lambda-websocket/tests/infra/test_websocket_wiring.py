"""API Gateway routes what the handler answers; the function keeps and reaches its own clients, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.cloudformation import Reference, spelled

from parcel_rooms.handlers.websocket import CONNECTION_SECONDS, ROUTES

if TYPE_CHECKING:
    from infra.cloudformation import Stack

LONGEST_CONNECTION_SECONDS = 7_200
LARGEST_MESSAGE_BYTES = 128 * 1024


def test_the_routes_of_the_template_are_the_routes_of_the_handler(stack: Stack) -> None:
    routed = {route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")}

    assert routed == set(ROUTES), "write each route in both: Routes in template.yaml and ROUTES in the handler"


def test_messages_choose_their_route_by_their_action(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    assert api.properties["ProtocolType"] == "WEBSOCKET"
    assert api.properties["RouteSelectionExpression"] == "$request.body.action", "the messages say `action`"


def test_a_connection_is_forgotten_when_api_gateway_has_closed_it(stack: Stack) -> None:
    [table] = stack.of_type("AWS::DynamoDB::Table")

    expiry = table.properties.get("TimeToLiveSpecification")
    assert CONNECTION_SECONDS == LONGEST_CONNECTION_SECONDS
    assert expiry == {"AttributeName": "expires_at", "Enabled": True}, "connections would be kept for ever"


def test_the_table_is_capped_by_nothing(stack: Stack) -> None:
    [table] = stack.of_type("AWS::DynamoDB::Table")

    indexes = [index for index in table.properties["GlobalSecondaryIndexes"] if "OnDemandThroughput" in index]
    assert "OnDemandThroughput" not in table.properties, "a spike would meet it before the stage's throttle"
    assert not indexes, "a spike would meet it before the stage's throttle"


def test_the_function_knows_its_table_and_the_largest_message(stack: Stack) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    [table] = stack.of_type("AWS::DynamoDB::Table")
    variables = function.properties["Environment"]["Variables"]

    assert variables["TABLE_NAME"] == Reference(table.logical_id)
    assert int(variables["MAX_MESSAGE_BYTES"]) <= LARGEST_MESSAGE_BYTES, "API Gateway carries no larger one"


def test_the_function_posts_to_the_clients_of_this_stage_only(stack: Stack) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    role = stack.resources[function.properties["Role"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    posts = [statement for statement in statements if "execute-api" in str(statement["Action"])]
    clients = f"arn:aws:execute-api:us-east-1:123456789012:{_stage(stack)}/POST/@connections/*"
    assert [statement["Action"] for statement in posts] == ["execute-api:ManageConnections"]
    assert [spelled(statement["Resource"]) for statement in posts] == [clients], f"allow {clients} and no more"


def test_the_function_posts_to_the_stage_that_calls_it(stack: Stack) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    api, name = _stage(stack).split("/")

    own = f"https://{api}.execute-api.us-east-1.amazonaws.com/{name}"
    callback = function.properties["Environment"]["Variables"]["CALLBACK_URL"]
    assert spelled(callback) == own, f"clients are reached at {own}"


def _stage(stack: Stack) -> str:
    """Return the only stage as ARNs name it; the deployment puts the API's id in."""
    [api], [stage] = stack.of_type("AWS::ApiGatewayV2::Api"), stack.of_type("AWS::ApiGatewayV2::Stage")
    return f"{spelled(Reference(api.logical_id))}/{stage.properties['StageName']}"
