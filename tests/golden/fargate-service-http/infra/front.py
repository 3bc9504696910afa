"""What requests come in by: an HTTP API, a VPC link, and Cloud Map, where API Gateway finds the tasks.

No load balancer, which would bill by the hour. API Gateway takes TLS from the client and speaks plain HTTP inside the
VPC. Its `$default` route is the door: the template has it lead to the function that wakes the service, and that function
lets it lead to the tasks while they run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicediscovery as discovery
from compute import PORT

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs
    from network import Network

__all__ = ["Front", "make_door", "make_front"]

# Above this callers get 429: ten times the peak of 200 requests a second, at least 100.
THROTTLE_PER_SECOND = 2000
ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","route":"$context.routeKey",'
    ' "method":"$context.httpMethod","path":"$context.path","status":"$context.status",'
    ' "latencyMs":"$context.responseLatency","bytes":"$context.responseLength",'
    ' "ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent",'
    ' "error":"$context.integrationErrorMessage"}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The API, and where ECS writes down the tasks that it finds."""

    api: apigateway.CfnApi
    url: str
    registry: discovery.Service


def make_front(stack: cdk.Stack, network: Network) -> Front:
    """Make the API and its way to the tasks."""
    api = apigateway.CfnApi(stack, "HttpApi", name=stack.stack_name, protocol_type="HTTP")
    registry = _make_registry(stack, network)
    integration = apigateway.CfnIntegration(
        stack,
        "ToTasks",
        api_id=api.ref,
        integration_type="HTTP_PROXY",
        integration_method="ANY",
        connection_type="VPC_LINK",
        connection_id=_make_link(stack, network).ref,
        integration_uri=registry.service_arn,
        payload_format_version="1.0",
        # The longest there is; the task gives up a second earlier and says so.
        timeout_in_millis=30_000,
    )
    # Always by the way that requests take: whether the service answers is asked here before the door is opened.
    ready = apigateway.CfnRoute(
        stack,
        "Ready",
        api_id=api.ref,
        route_key="GET /ready",
        target=f"integrations/{integration.ref}",
    )
    _acknowledge_public(ready)
    url = f"https://{api.ref}.execute-api.{stack.region}.{stack.url_suffix}"
    cdk.CfnOutput(stack, "ApiUrl", description="Where the service answers.", value=url)
    return Front(api=api, url=url, registry=registry)


def make_door(stack: cdk.Stack, front: Front, function: lambda_.Function, role: iam.Role, group: logs.LogGroup) -> None:
    """Make the door, shut as it is while the service sleeps.

    Args:
        stack: The deployment.
        front: The API.
        function: What answers while the door is shut.
        role: Its role, which may open and shut this door alone.
        group: Where API Gateway logs.
    """
    integration = apigateway.CfnIntegration(
        stack,
        "ToWaking",
        api_id=front.api.ref,
        integration_type="AWS_PROXY",
        integration_uri=function.function_arn,
        payload_format_version="2.0",
        timeout_in_millis=10_000,
    )
    door = apigateway.CfnRoute(
        stack,
        "Door",
        api_id=front.api.ref,
        route_key="$default",
        target=f"integrations/{integration.ref}",
    )
    _acknowledge_public(door)
    # In any stage, by this route alone.
    function.add_permission(
        "OfApi",
        principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
        source_arn=stack.format_arn(service="execute-api", resource=front.api.ref, resource_name="*/$default"),
    )
    _allow_to_move(stack, front, door, role)
    apigateway.CfnStage(
        stack,
        "Stage",
        api_id=front.api.ref,
        stage_name="$default",
        auto_deploy=True,
        default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
            throttling_rate_limit=THROTTLE_PER_SECOND,
            throttling_burst_limit=THROTTLE_PER_SECOND,
        ),
        access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn,
            format=ACCESS_LOG_FORMAT,
        ),
    )


def _allow_to_move(stack: cdk.Stack, front: Front, door: apigateway.CfnRoute, role: iam.Role) -> None:
    # A policy of its own, because the route has to be there before it can be named.
    api = f"arn:{stack.partition}:apigateway:{stack.region}::/apis/{front.api.ref}"
    iam.CfnPolicy(
        stack,
        "MayMoveDoor",
        policy_name="door",
        roles=[role.role_name],
        policy_document=iam.PolicyDocument(
            statements=[
                iam.PolicyStatement(actions=["apigateway:GET"], resources=[f"{api}/integrations", f"{api}/routes"]),
                iam.PolicyStatement(actions=["apigateway:PATCH"], resources=[f"{api}/routes/{door.attr_route_id}"]),
            ],
        ),
    )


def _make_registry(stack: cdk.Stack, network: Network) -> discovery.Service:
    # API Gateway needs address and port of a task, and ECS writes both down for SRV records only: hence a private zone,
    # which bills, and no HTTP namespace.
    namespace = discovery.PrivateDnsNamespace(stack, "Namespace", name=f"{stack.stack_name}.internal", vpc=network.vpc)
    return namespace.create_service(
        "Registry",
        name="tasks",
        dns_record_type=discovery.DnsRecordType.SRV,
        dns_ttl=cdk.Duration.seconds(10),
        # ECS says whether a task is healthy.
        custom_health_check=discovery.HealthCheckCustomConfig(failure_threshold=1),
    )


def _make_link(stack: cdk.Stack, network: Network) -> apigateway.CfnVpcLink:
    # It costs nothing by itself. Without traffic for 60 days it goes inactive; src/wake/ wakes the service once a month.
    group = ec2.SecurityGroup(
        stack,
        "LinkSecurityGroup",
        vpc=network.vpc,
        description="Out to the tasks, in not at all.",
        allow_all_outbound=False,
    )
    group.add_egress_rule(network.security_group, ec2.Port.tcp(PORT), "The tasks")
    network.security_group.add_ingress_rule(group, ec2.Port.tcp(PORT), "The VPC link of the API")
    return apigateway.CfnVpcLink(
        stack,
        "Link",
        name=stack.stack_name,
        subnet_ids=network.subnet_ids,
        security_group_ids=[group.security_group_id],
    )


def _acknowledge_public(route: apigateway.CfnRoute) -> None:
    cdk.Validations.of(route).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-APIG4",
            reason="It is public; add an authoriser before it guards anything. Whoever may call it may wake it.",
        ),
    )
