"""The front door: a load balancer that passes {{ "datagrams" if protocol == "udp" else "connections" }} on to tasks that are ready. It encrypts nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as balancing

if TYPE_CHECKING:
    from network import Network

__all__ = ["HEALTH_PORT", "PORT", "SILENCE_SECONDS", "Front", "make_front"]

# Where clients find the load balancer, and the load balancer a task.
PORT = 7000
# Where a task says how it is, for the load balancer alone.
HEALTH_PORT = 8081
{% if protocol == "udp" %}
# Whoever sends nothing for so long is gone: the load balancer, too, forgets then which task it sent a client to.
SILENCE_SECONDS = 120
{% else %}
# A connection on which nothing is said for so long is closed. The load balancer would drop it a minute later, and tell nobody.
SILENCE_SECONDS = 300
{% endif %}
# A task that ends gets nobody new for so long before it is told to{{ "" if protocol == "udp" else "; who is connected stays until then" }}.
DEREGISTRATION_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a service needs to know of its front door.

    Attributes:
        targets: The group of tasks that {{ "datagrams" if protocol == "udp" else "connections" }} are passed on to.
        listener: What uses the group; ECS refuses one that no load balancer has.
        balancer: The load balancer's name in metrics.
    """

    targets: balancing.CfnTargetGroup
    listener: balancing.CfnListener
    balancer: str


def make_front(stack: cdk.Stack, network: Network) -> Front:
    """Make the load balancer.

    Args:
        stack: The deployment.
        network: Where tasks run; its subnets are public.
    """
    group = _make_security_group(stack, network)
    balancer = balancing.CfnLoadBalancer(
        stack,
        "LoadBalancer",
        type="network",
        scheme="internet-facing",
        subnets=network.subnet_ids,
        # One that is made without a group can never be given one.
        security_groups=[group.security_group_id],
        # In a deployment all tasks may be in one zone for a moment. What crosses zones bills $0.01 a GB each way.
        load_balancer_attributes=[_attribute("load_balancing.cross_zone.enabled", "true")],
    )
    # Without a way out the addresses of a load balancer cannot be reached.
    balancer.node.add_dependency(*(subnet.internet_connectivity_established for subnet in network.vpc.public_subnets))
    cdk.Validations.of(balancer).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ELB2",
            reason="Access logs of this kind are only written for TLS; tasks count connections and log what is refused.",
        ),
    )
    targets = _make_targets(stack, network)
    listener = balancing.CfnListener(
        stack,
        "Listener",
        load_balancer_arn=balancer.ref,
        port=PORT,
        protocol="{{ event_source | upper }}",
        default_actions=[balancing.CfnListener.ActionProperty(type="forward", target_group_arn=targets.ref)],
{% if event_source == "tcp" %}
        listener_attributes=[
            balancing.CfnListener.ListenerAttributeProperty(
                key="tcp.idle_timeout.seconds",
                value=str(SILENCE_SECONDS + 60),
            ),
        ],
{% endif %}
    )
    cdk.CfnOutput(
        stack,
        "LoadBalancerName",
        description="The name that a DNS record of your own points to.",
        value=balancer.attr_dns_name,
    )
    return Front(targets=targets, listener=listener, balancer=balancer.attr_load_balancer_full_name)


def _make_targets(stack: cdk.Stack, network: Network) -> balancing.CfnTargetGroup:
    return balancing.CfnTargetGroup(
        stack,
        "Targets",
        port=PORT,
        protocol="{{ event_source | upper }}",
        target_type="ip",
        vpc_id=network.vpc.vpc_id,
        # Whether a task takes {{ "datagrams" if protocol == "udp" else "connections" }}, which an open port alone would not say.
        health_check_protocol="HTTP",
        health_check_port=str(HEALTH_PORT),
        health_check_path="/ready",
        health_check_interval_seconds=10,
        health_check_timeout_seconds=5,
        healthy_threshold_count=2,
        unhealthy_threshold_count=3,
        matcher=balancing.CfnTargetGroup.MatcherProperty(http_code="200"),
        target_group_attributes=[
            _target_attribute("deregistration_delay.timeout_seconds", str(DEREGISTRATION_SECONDS)),
{% if protocol == "udp" %}
            # Then whoever was sent to the task that ends is sent to another one.
            _target_attribute("deregistration_delay.connection_termination.enabled", "true"),
{% else %}
            # A task closes its connections itself, each after the answer that it owes.
            _target_attribute("deregistration_delay.connection_termination.enabled", "false"),
{% endif %}
        ],
    )


def _make_security_group(stack: cdk.Stack, network: Network) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        stack,
        "LoadBalancerGroup",
        vpc=network.vpc,
        description="In by the port of the service, out to the tasks.",
        allow_all_outbound=False,
    )
    group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.{{ event_source }}(PORT), "Clients")
    cdk.Validations.of(group).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-EC23",
            reason="Clients come from anywhere, by one port and to the load balancer alone.",
        ),
    )
    for port, purpose in ((ec2.Port.{{ event_source }}(PORT), "Clients"), (ec2.Port.tcp(HEALTH_PORT), "Health")):
        group.add_egress_rule(network.security_group, port, f"{purpose} at the tasks")
        network.security_group.add_ingress_rule(group, port, f"{purpose} from the load balancer")
    return group


def _attribute(key: str, value: str) -> balancing.CfnLoadBalancer.LoadBalancerAttributeProperty:
    return balancing.CfnLoadBalancer.LoadBalancerAttributeProperty(key=key, value=value)


def _target_attribute(key: str, value: str) -> balancing.CfnTargetGroup.TargetGroupAttributeProperty:
    return balancing.CfnTargetGroup.TargetGroupAttributeProperty(key=key, value=value)
