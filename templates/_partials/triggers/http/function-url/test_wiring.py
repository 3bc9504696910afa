"""The function URL lets in whom it should, in no other way, and stands before the only route of the handler."""

from __future__ import annotations

from typing import TYPE_CHECKING{% if cors_origins %}, Any{% endif %}


from {{ package_name }}.handlers.http import ROUTES

if TYPE_CHECKING:
    from infra.cloudformation import Stack


def test_the_url_is_the_only_door_and_buffers_its_answers(stack: Stack) -> None:
    [url] = stack.of_type("AWS::Lambda::Url")

    assert url.properties["AuthType"] == "{{ "AWS_IAM" if authorisation == "iam" else "NONE" }}"
    assert url.properties["InvokeMode"] == "BUFFERED"
    assert stack.of_type("AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi") == []


{% if authorisation == "iam" %}
def test_the_function_lets_in_nobody_itself(stack: Stack) -> None:
    assert stack.of_type("AWS::Lambda::Permission") == [], "say who may call in IAM, where the caller's role is"
{% else %}
def test_everybody_may_use_the_url_and_invoke_the_function_by_it(stack: Stack) -> None:
    """Since October 2025 a function URL needs both permissions; with one it answers 403."""
    permissions = stack.of_type("AWS::Lambda::Permission")

    assert {permission.properties["Action"] for permission in permissions} == {
        "lambda:InvokeFunctionUrl",
        "lambda:InvokeFunction",
    }
{% endif %}


def test_the_handler_answers_one_endpoint() -> None:
    assert len(ROUTES) == 1, "a second endpoint is what an HTTP API is for: routes, a throttle, access logs"
{% if cors_origins %}


def test_only_the_named_origins_may_call_from_a_page(stack: Stack, answers: dict[str, Any]) -> None:
    [url] = stack.of_type("AWS::Lambda::Url")

    cors = url.properties["Cors"]

    assert cors["AllowOrigins"] == answers["cors_origins"].split(",")
    assert "AllowCredentials" not in cors
{% endif %}
