"""The service: its tasks with their image, size and rights, and the cluster that they run in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
{% block modules %}{% endblock %}

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs
{% block typing %}{% endblock %}
    from network import Network

__all__ = ["make_service"]

CONTAINER = "{% block container %}{% endblock %}"
SCRATCH = "scratch"
ROOT = Path(__file__).parents[1]
{% block constants %}{% endblock %}


def make_service(
    stack: cdk.Stack,
    network: Network,
    group: logs.LogGroup,
    variables: dict[str, str],
{% block parameters %}{% endblock %}
) -> ecs.CfnService:
    """Make the service and the cluster that its tasks run in.

    Args:
        stack: The deployment.
        network: Where tasks start.
        group: Where they log.
        variables: What every task is told.
{% block arguments %}{% endblock %}
    """
{% block make_task %}{% endblock %}
    service = ecs.CfnService(
        stack,
        "Service",
        cluster=_make_cluster(stack, network).cluster_name,
        task_definition=task.task_definition_arn,
        # No desired count: scaling.py alone says how many there are, and a deployment leaves that as it is.
        launch_type="FARGATE",
        deployment_configuration=ecs.CfnService.DeploymentConfigurationProperty(
            # New tasks beside the old ones, which stop when those run; what does not start is rolled back.
            minimum_healthy_percent=100,
            maximum_percent=200,
            deployment_circuit_breaker=ecs.CfnService.DeploymentCircuitBreakerProperty(enable=True, rollback=True),
        ),
        availability_zone_rebalancing="ENABLED",
        # Nobody gets a shell in a task; what it does is in its log.
        enable_execute_command=False,
        network_configuration=ecs.CfnService.NetworkConfigurationProperty(
            awsvpc_configuration=ecs.CfnService.AwsVpcConfigurationProperty(
                subnets=network.subnet_ids,
                security_groups=[network.security_group.security_group_id],
                assign_public_ip=network.assign_public_ip,
            ),
        ),
{% block registries %}{% endblock %}
        # A task carries the tags of its definition, so that the bill can be told apart.
        propagate_tags="TASK_DEFINITION",
    )
    # Without a way out a task cannot fetch its image.
    service.node.add_dependency(*(subnet.internet_connectivity_established for subnet in network.vpc.public_subnets))
{% block after_service %}{% endblock %}
    cdk.CfnOutput(stack, "ServiceName", description="What keeps the tasks.", value=service.attr_name)
    return service


{% block protection %}{% endblock %}
def _make_cluster(stack: cdk.Stack, network: Network) -> ecs.Cluster:
    # A name for tasks to run under: it has no machines and bills nothing.
    cluster = ecs.Cluster(
        stack,
        "Cluster",
        cluster_name=stack.stack_name,
        vpc=network.vpc,
        container_insights_v2=ecs.ContainerInsights.DISABLED,
    )
    cdk.CfnOutput(stack, "ClusterName", description="Where tasks run.", value=cluster.cluster_name)
    cdk.Validations.of(cluster).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ECS4",
            reason="Container Insights bills by the metric; the tasks write their own, once a minute.",
        ),
    )
    return cluster


{% block task %}{% endblock %}


{% block roles %}
{% include "templates/_partials/container/image_and_roles.py" %}
{% endblock %}
