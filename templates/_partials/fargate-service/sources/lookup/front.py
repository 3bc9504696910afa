"""What clients find the tasks by: a DNS record in a zone of the service's own, whose look-ups are written down.

No load balancer, which would bill by the hour. The record names an address at which nobody answers; src/wake/ writes
those of the tasks into it while some run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ssm as ssm

if TYPE_CHECKING:
    from network import Network

__all__ = ["HEALTH_PORT", "PORT", "SILENCE_SECONDS", "Front", "make_front"]

# Where clients find a task.
PORT = 7000
# Where a task says how it is, to ECS inside the task alone.
HEALTH_PORT = 8081
{% if protocol == "udp" %}
# Whoever sends nothing for so long is gone.
SILENCE_SECONDS = 120
{% else %}
# A connection on which nothing is said for so long is closed: networks on the way drop it some time without a word.
SILENCE_SECONDS = 300
{% endif %}
# What the record says while the service sleeps; src/wake/effects.py writes the same when it falls asleep.
NOBODY = "192.0.2.1"
TTL_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The name, its zone, and where look-ups are written down."""

    name: str
    zone: route53.CfnHostedZone
    queries: logs.LogGroup


def make_front(stack: cdk.Stack, network: Network, name_parameter: str, queries: logs.LogGroup) -> Front:
    """Make the zone and its record, and let clients {{ "send to" if protocol == "udp" else "connect to" }} tasks.

    Args:
        stack: The deployment, in us-east-1: Route 53 writes look-ups nowhere else.
        network: Where tasks run; its subnets are public.
        name_parameter: The SSM parameter with the name that clients look up.
        queries: Where look-ups are written down.
    """
    name = ssm.StringParameter.value_for_string_parameter(stack, name_parameter)
    zone = route53.CfnHostedZone(
        stack,
        "Zone",
        name=name,
        query_logging_config=route53.CfnHostedZone.QueryLoggingConfigProperty(
            cloud_watch_logs_log_group_arn=queries.log_group_arn,
        ),
    )
    zone.node.add_dependency(_let_route53_write(stack, queries))
    route53.CfnRecordSet(
        stack,
        "Record",
        hosted_zone_id=zone.ref,
        name=name,
        type="A",
        # Without a record resolvers would remember for a quarter of an hour that there is none.
        ttl=str(TTL_SECONDS),
        resource_records=[NOBODY],
    )
    _let_clients_in(network)
    cdk.CfnOutput(stack, "Name", description="What clients look up.", value=name)
    cdk.CfnOutput(
        stack,
        "ZoneId",
        description="The zone, whose name servers the NS record of the name in the zone above has to list.",
        value=zone.ref,
    )
    return Front(name=name, zone=zone, queries=queries)


def _let_route53_write(stack: cdk.Stack, queries: logs.LogGroup) -> logs.CfnResourcePolicy:
    own_zones = f"arn:{stack.partition}:route53:::hostedzone/*"
    document = iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("route53.amazonaws.com")],
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[queries.log_group_arn],
                # On behalf of this account's zones alone.
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": own_zones},
                },
            ),
        ],
    )
    return logs.CfnResourcePolicy(
        stack,
        "QueriesPolicy",
        policy_name=f"{stack.stack_name}-queries",
        policy_document=stack.to_json_string(document.to_json()),
    )


def _let_clients_in(network: Network) -> None:
    network.security_group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.{{ protocol }}(PORT), "Clients")
    cdk.Validations.of(network.security_group).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-EC23",
            reason="Clients come from anywhere, by the one port of the service.",
        ),
    )
