"""API Gateway routes what the handler answers, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING{% if authorisation == "jwt" or cors_origins %}, Any{% endif %}


from {{ package_name }}.handlers.http import ROUTES

if TYPE_CHECKING:
    from infra.cloudformation import Stack


{% if iac == "cdk" %}
def test_the_routes_of_the_stack_are_the_routes_of_the_handler(stack: Stack) -> None:
    keys = {route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")}

    routed = keys - {"$default"{% if cors_origins and authorisation != "none" %}, "OPTIONS /{proxy+}"{% endif %}}
    assert routed == set(ROUTES), "write each route in infra/stack.py and in handlers/http.py"


def test_what_matches_no_route_still_gets_a_problem_response(stack: Stack) -> None:
    routed = [route.properties["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route")]

    assert "$default" in routed, "keep the default integration"
{% else %}
def test_the_routes_of_the_template_are_the_routes_of_the_handler(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    routed = {
        f"{method.upper()} {path}"
        for path, methods in api.properties["Body"]["paths"].items()
        for method, operation in methods.items()
        if not operation.get("isDefaultRoute"){% if cors_origins and authorisation != "none" %} and method != "options"{% endif %}

    }

    assert routed == set(ROUTES), "write each route in both: Events in template.yaml and ROUTES in handlers/http.py"


def test_what_matches_no_route_still_gets_a_problem_response(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    operations = [operation for methods in api.properties["Body"]["paths"].values() for operation in methods.values()]

    assert any(operation.get("isDefaultRoute") for operation in operations), "keep the event without path and method"
{% endif %}
{% if authorisation != "none" %}


def test_every_route_asks_who_calls(stack: Stack) -> None:
{% if iac == "cdk" %}
    asked = {
        route.properties["RouteKey"]: route.properties.get("AuthorizationType")
        for route in stack.of_type("AWS::ApiGatewayV2::Route")
    }
{% else %}
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    asked = {
        f"{method.upper()} {path}": operation.get("security")
        for path, methods in api.properties["Body"]["paths"].items()
        for method, operation in methods.items()
    }
{% endif %}

{% if cors_origins %}
    # A browser's preflight cannot say who it is; API Gateway answers it.
    assert asked.pop("OPTIONS /{proxy+}") == {{ {"sam": "[{\"NONE\": []}]", "cdk": "\"NONE\""}[iac] }}
{% endif %}
{% if iac == "cdk" %}
    assert {route: kind for route, kind in asked.items() if kind != "{{ {"iam": "AWS_IAM", "jwt": "JWT"}[authorisation] }}"} == {}
{% else %}
    assert {route: security for route, security in asked.items() if security != [{"{{ {"iam": "AWS_IAM", "jwt": "Jwt"}[authorisation] }}": []}]} == {}
{% endif %}
{% endif %}
{% if jwt %}


def test_tokens_are_of_an_issuer_over_tls_for_an_audience_of_this_environment(
    stack: Stack,
    answers: dict[str, Any],
) -> None:
{% if iac == "cdk" %}
    [authoriser] = [one.properties for one in stack.of_type("AWS::ApiGatewayV2::Authorizer")]
    configuration = authoriser["JwtConfiguration"]

    assert (authoriser["AuthorizerType"], authoriser["IdentitySource"]) == ("JWT", ["$request.header.Authorization"])
    [audience] = configuration["Audience"]
    assert configuration["Issuer"].startswith("https://")
    assert audience.startswith(answers["project_name"])
{% else %}
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    authoriser = api.properties["Body"]["components"]["securitySchemes"]["Jwt"]["x-amazon-apigateway-authorizer"]
    configuration = authoriser["jwtConfiguration"]

    assert (authoriser["type"], authoriser["identitySource"]) == ("jwt", "$request.header.Authorization")
    [audience] = configuration["audience"]
    # With the default parameters both are unknown, and nothing deploys.
    assert not isinstance(configuration["issuer"], str) or configuration["issuer"].startswith("https://")
    assert not isinstance(audience, str) or audience.startswith(answers["project_name"])
{% endif %}
{% endif %}
{% if cors_origins %}


def test_only_the_named_origins_may_call_from_a_page(stack: Stack, answers: dict[str, Any]) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

{% if iac == "cdk" %}
    cors = api.properties["CorsConfiguration"]

    assert cors["AllowOrigins"] == answers["cors_origins"].split(",")
    assert "AllowCredentials" not in cors
{% else %}
    cors = api.properties["Body"]["x-amazon-apigateway-cors"]

    assert cors["allowOrigins"] == answers["cors_origins"].split(",")
    assert "allowCredentials" not in cors
{% endif %}
{% endif %}
