"""The front door: a load balancer that speaks TLS with clients and passes event streams on to tasks that are ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_ssm as ssm

if TYPE_CHECKING:
    from network import Network

__all__ = ["PORT", "Front", "make_front"]

# Where a task listens, for the load balancer alone.
PORT = 8080
# A task that ends gets nobody new for so long before it is told to; who listens stays until then.
DEREGISTRATION_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a service needs to know of its front door.

    Attributes:
        targets: The group of tasks that streams are passed on to.
        rule: What uses the group; ECS refuses one that no load balancer has.
        balancer: The load balancer's name in metrics.
    """

    targets: balancing.CfnTargetGroup
    rule: balancing.CfnListenerRule
    balancer: str


def make_front(stack: cdk.Stack, network: Network, certificate_parameter: str) -> Front:
    """Make the load balancer.

    Args:
        stack: The deployment.
        network: Where tasks run; its subnets are public.
        certificate_parameter: The SSM parameter with the ARN of the certificate in ACM.
    """
    group = _make_security_group(stack, network)
    balancer = balancing.CfnLoadBalancer(
        stack,
        "LoadBalancer",
        type="application",
        scheme="internet-facing",
        subnets=network.subnet_ids,
        security_groups=[group.security_group_id],
        load_balancer_attributes=[
            # Three heartbeats fit in. A client that does not read for so long is closed, too.
            _attribute("idle_timeout.timeout_seconds", "60"),
            _attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
        ],
    )
    # Without a way out the addresses of a load balancer cannot be reached.
    balancer.node.add_dependency(*(subnet.internet_connectivity_established for subnet in network.vpc.public_subnets))
    cdk.Validations.of(balancer).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ELB2",
            reason="Access logs are stored and billed for each request; tasks count streams and log what is refused.",
        ),
    )
    targets = _make_targets(stack, network)
    listener = balancing.CfnListener(
        stack,
        "Listener",
        load_balancer_arn=balancer.ref,
        port=443,
        protocol="HTTPS",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificates=[
            balancing.CfnListener.CertificateProperty(
                certificate_arn=ssm.StringParameter.value_for_string_parameter(stack, certificate_parameter),
            ),
        ],
        # Health is the load balancer's own business, and there is nothing else.
        default_actions=[
            balancing.CfnListener.ActionProperty(
                type="fixed-response",
                fixed_response_config=balancing.CfnListener.FixedResponseConfigProperty(status_code="404"),
            ),
        ],
    )
    rule = balancing.CfnListenerRule(
        stack,
        "Events",
        listener_arn=listener.ref,
        priority=1,
        conditions=[
            balancing.CfnListenerRule.RuleConditionProperty(
                field="path-pattern",
                path_pattern_config=balancing.CfnListenerRule.PathPatternConfigProperty(values=["/events"]),
            ),
        ],
        actions=[balancing.CfnListenerRule.ActionProperty(type="forward", target_group_arn=targets.ref)],
    )
    cdk.CfnOutput(
        stack,
        "LoadBalancerName",
        description="The name that a DNS record of the certificate's domain points to.",
        value=balancer.attr_dns_name,
    )
    return Front(targets=targets, rule=rule, balancer=balancer.attr_load_balancer_full_name)


def _make_targets(stack: cdk.Stack, network: Network) -> balancing.CfnTargetGroup:
    return balancing.CfnTargetGroup(
        stack,
        "Targets",
        port=PORT,
        protocol="HTTP",
        target_type="ip",
        vpc_id=network.vpc.vpc_id,
        health_check_path="/ready",
        health_check_interval_seconds=10,
        health_check_timeout_seconds=5,
        healthy_threshold_count=2,
        unhealthy_threshold_count=3,
        matcher=balancing.CfnTargetGroup.MatcherProperty(http_code="200"),
        target_group_attributes=[
            _target_attribute("deregistration_delay.timeout_seconds", str(DEREGISTRATION_SECONDS)),
            # To the task with the fewest streams; in turns, a new task would never catch up.
            _target_attribute("load_balancing.algorithm.type", "least_outstanding_requests"),
        ],
    )


def _make_security_group(stack: cdk.Stack, network: Network) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        stack,
        "LoadBalancerGroup",
        vpc=network.vpc,
        description="In by HTTPS, out to the tasks.",
        allow_all_outbound=False,
    )
    group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "Clients")
    group.add_egress_rule(network.security_group, ec2.Port.tcp(PORT), "The tasks")
    network.security_group.add_ingress_rule(group, ec2.Port.tcp(PORT), "The load balancer")
    cdk.Validations.of(group).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-EC23",
            reason="Clients come from anywhere, by HTTPS and to the load balancer alone.",
        ),
    )
    return group


def _attribute(key: str, value: str) -> balancing.CfnLoadBalancer.LoadBalancerAttributeProperty:
    return balancing.CfnLoadBalancer.LoadBalancerAttributeProperty(key=key, value=value)


def _target_attribute(key: str, value: str) -> balancing.CfnTargetGroup.TargetGroupAttributeProperty:
    return balancing.CfnTargetGroup.TargetGroupAttributeProperty(key=key, value=value)
