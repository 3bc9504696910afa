"""The service: its tasks with their image, size and rights, and the cluster that they run in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
{% if has_front %}
from front import PORT
{% endif %}

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs
{% if has_front %}
    from front import Front
{% endif %}
    from network import Network

__all__ = ["make_service"]

CONTAINER = "{{ "worker" if event_source == "queue" else "server" }}"
SCRATCH = "scratch"
ROOT = Path(__file__).parents[1]


def make_service(
    stack: cdk.Stack,
    network: Network,
    group: logs.LogGroup,
    variables: dict[str, str],
{% if has_front %}
    front: Front,
{% else %}
    statements: list[iam.PolicyStatement],
{% endif %}
) -> ecs.CfnService:
    """Make the service and the cluster that its tasks run in.

    Args:
        stack: The deployment.
        network: Where tasks start.
        group: Where they log.
        variables: What every task is told.
{% if has_front %}
        front: What passes connections on to tasks.
{% else %}
        statements: What a task may do.
{% endif %}
    """
{% if has_front %}
    # A task calls nothing of AWS.
    task = _make_task(stack, group, variables, [])
{% else %}
    task = _make_task(stack, group, variables, [*statements, _may_protect_itself(stack)])
    _acknowledge_tasks(stack)
{% endif %}
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
{% if has_front %}
        load_balancers=[
            ecs.CfnService.LoadBalancerProperty(
                container_name=CONTAINER,
                container_port=PORT,
                target_group_arn=front.targets.ref,
            ),
        ],
        # A task that starts is not judged before its server has had time to listen.
        health_check_grace_period_seconds=60,
{% endif %}
        # Nobody gets a shell in a task; what it does is in its log.
        enable_execute_command=False,
        network_configuration=ecs.CfnService.NetworkConfigurationProperty(
            awsvpc_configuration=ecs.CfnService.AwsVpcConfigurationProperty(
                subnets=network.subnet_ids,
                security_groups=[network.security_group.security_group_id],
                assign_public_ip=network.assign_public_ip,
            ),
        ),
        # A task carries the tags of its definition, so that the bill can be told apart.
        propagate_tags="TASK_DEFINITION",
    )
    # Without a way out a task cannot fetch its image.
    service.node.add_dependency(*(subnet.internet_connectivity_established for subnet in network.vpc.public_subnets))
{% if has_front %}
    service.node.add_dependency(front.rule)
{% endif %}
    cdk.CfnOutput(stack, "ServiceName", description="What keeps the tasks.", value=service.attr_name)
    return service


{% if not has_front %}
def _may_protect_itself(stack: cdk.Stack) -> iam.PolicyStatement:
    tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{stack.stack_name}/*")
    return iam.PolicyStatement(actions=["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], resources=[tasks])


def _acknowledge_tasks(stack: cdk.Stack) -> None:
    """Say why the role of a task names all tasks of the cluster."""
    tasks = f"arn:<AWS::Partition>:ecs:{stack.region}:<AWS::AccountId>:task/{stack.stack_name}/*"
    cdk.Validations.of(stack.node.find_child("TaskRole")).acknowledge(
        cdk.Acknowledgment(
            id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{tasks}]",
            reason="A task has a name only once it is started; these are the tasks of the service's own cluster.",
        ),
    )


{% endif %}
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


{% with why_stop_timeout = {"connections": "The longest there is: connections end in it, one after the other."}[event_source] | default("The longest there is: what is in hand is finished in it, or given back."), has_volume = false %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}


{% include "templates/_partials/container/image_and_roles.py" %}
