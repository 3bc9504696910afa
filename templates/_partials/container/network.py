{% block intro %}
"""Where tasks start: a VPC of the stack's own that bills nothing, or one that is there already. Nobody connects to them."""
{% endblock %}

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["ExistingNetwork", "Network", "make_network"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingNetwork:
    """A VPC that is there already, for what the task must reach in private.

    Attributes:
        vpc_id: The VPC.
        availability_zones: The zones of its subnets.
        subnet_ids: Where tasks may start, best in several zones{% block which_subnets %}.
        are_public: Whether the way out of them is an internet gateway, so that a task needs a public address{% endblock %}.
    """

    vpc_id: str
    availability_zones: tuple[str, ...]
    subnet_ids: tuple[str, ...]
{% block are_public %}
    are_public: bool
{% endblock %}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where tasks start, and what may reach them and be reached by them.

    Attributes:
        assign_public_ip: `ENABLED` where a task needs an address of its own, else `DISABLED`, as ECS writes it.
    """

    vpc: ec2.IVpc
    subnet_ids: list[str]
    security_group: ec2.ISecurityGroup
    assign_public_ip: str
{% if has_workflow %}

    def configuration(self) -> dict[str, object]:
        """Return the network as ECS wants it of whoever starts a task."""
        return {
            "Subnets": self.subnet_ids,
            "SecurityGroups": [self.security_group.security_group_id],
            "AssignPublicIp": self.assign_public_ip,
        }
{% endif %}


def make_network(scope: Construct, existing: ExistingNetwork | None) -> Network:
    """Return the network of the tasks, made unless there is one."""
    if existing is None:
        vpc: ec2.IVpc = _make_vpc(scope)
        subnet_ids = [subnet.subnet_id for subnet in vpc.public_subnets]
    else:
        vpc = ec2.Vpc.from_vpc_attributes(
            scope,
            "Vpc",
            vpc_id=existing.vpc_id,
            availability_zones=list(existing.availability_zones),
        )
        subnet_ids = list(existing.subnet_ids)
    return Network(
        vpc=vpc,
        subnet_ids=subnet_ids,
        security_group=_make_security_group(scope, vpc),
        assign_public_ip="ENABLED"{% block unless_private %} if existing is None or existing.are_public else "DISABLED"{% endblock %},
    )


def _make_vpc(scope: Construct) -> ec2.Vpc:
    # Public subnets without a NAT gateway: a task has an address of its own, billed while it runs.
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        max_azs=2,
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(
                name="public",
                subnet_type=ec2.SubnetType.PUBLIC,
                # Whoever starts a task asks for its address; nothing else gets one by chance.
                map_public_ip_on_launch=False,
            ),
        ],
        # Gateway endpoints are free, and the layers of the image come through S3. Interface endpoints bill by the hour.
        gateway_endpoints={
            "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
            "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
        },
        # It would take a function of the CDK's own; nothing here uses the default group.
        restrict_default_security_group=False,
    )
    cdk.Validations.of(vpc).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-VPC7",
            reason="Flow logs bill by the gigabyte, and {% block who_connects %}nothing in this VPC accepts a connection{% endblock %}.",
        ),
    )
    return vpc


def _make_security_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
{% block group %}
    # Nobody may connect to a task; it may call AWS. What else it has to reach, such as a database, is one rule more.
{% endblock %}
    group = ec2.SecurityGroup(
        scope,
        "SecurityGroup",
        vpc=vpc,
        description="{% block description %}Out by HTTPS, in not at all.{% endblock %}",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "The endpoints of AWS")
    return group
