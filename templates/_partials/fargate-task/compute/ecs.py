"""The task: its image, size and rights, and the cluster that it runs in. There is no service: it runs when it is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs
    from network import Network

__all__ = ["CONTAINER", "Compute", "make_compute"]

CONTAINER = "job"
SCRATCH = "scratch"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """What a run is started on."""

    cluster: ecs.Cluster
    task: ecs.FargateTaskDefinition
    network: Network
{% if decision.task.volume_gib %}
    volumes_role: iam.Role

    def volume_configuration(self) -> dict[str, object]:
        """Return the disk that each task gets for its scratch folder, and that is deleted with it."""
        return {
            "Name": SCRATCH,
            "ManagedEBSVolume": {
                "Encrypted": True,
                "FilesystemType": "xfs",
                "RoleArn": self.volumes_role.role_arn,
                "SizeInGiB": {{ decision.task.volume_gib }},
                "TerminationPolicy": {"DeleteOnTermination": True},
                "VolumeType": "gp3",
            },
        }
{% endif %}

    def tasks_arn(self) -> str:
        """Return the pattern that every task of the cluster has, and no other one."""
        stack = cdk.Stack.of(self.cluster)
        return str(stack.format_arn(service="ecs", resource="task", resource_name=f"{stack.stack_name}/*"))

    def start_statements(self) -> list[iam.PolicyStatement]:
        """Return what whoever starts runs has to be allowed: this task, in this cluster, under its two roles."""
        roles = [role.role_arn for role in (self.task.task_role, self.task.obtain_execution_role())]
        services = ["ecs-tasks.amazonaws.com"]
{% if decision.task.volume_gib %}
        roles.append(self.volumes_role.role_arn)
        services.append("ecs.amazonaws.com")
{% endif %}
        return [
            iam.PolicyStatement(
                actions=["ecs:RunTask"],
                resources=[self.task.task_definition_arn],
                conditions={"ArnEquals": {"ecs:cluster": self.cluster.cluster_arn}},
            ),
            # A task carries the tags of its definition, so that the bill can be told apart.
            iam.PolicyStatement(
                actions=["ecs:TagResource"],
                resources=[self.tasks_arn()],
                conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=roles,
                conditions={"StringEquals": {"iam:PassedToService": services}},
            ),
        ]

    def acknowledge_tasks(self, role: iam.Role) -> None:
        """Say why a role names all tasks of the cluster."""
        stack = cdk.Stack.of(role)
        tasks = f"arn:<AWS::Partition>:ecs:{stack.region}:<AWS::AccountId>:task/{stack.stack_name}/*"
        cdk.Validations.of(role).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{tasks}]",
                reason="A task has a name only once it is started; these are the tasks of the service's own cluster.",
            ),
        )


def make_compute(
    stack: cdk.Stack,
    network: Network,
    group: logs.LogGroup,
    variables: dict[str, str],
    statements: list[iam.PolicyStatement],
) -> Compute:
    """Make the task and the cluster that it runs in.

    Args:
        stack: The deployment.
        network: Where tasks start.
        group: Where they log.
        variables: What every run is told.
        statements: What a run may do.
    """
    cluster = _make_cluster(stack, network)
{% if decision.task.volume_gib %}
    return Compute(
        cluster=cluster,
        task=_make_task(stack, group, variables, statements),
        network=network,
        volumes_role=_make_volumes_role(stack),
    )
{% else %}
    return Compute(cluster=cluster, task=_make_task(stack, group, variables, statements), network=network)
{% endif %}


def _make_cluster(stack: cdk.Stack, network: Network) -> ecs.Cluster:
    # A name for tasks to run under: it has no machines and bills nothing.
    cluster = ecs.Cluster(
        stack,
        "Cluster",
        cluster_name=stack.stack_name,
        vpc=network.vpc,
        enable_fargate_capacity_providers=True,
        container_insights_v2=ecs.ContainerInsights.DISABLED,
    )
    cdk.CfnOutput(stack, "ClusterName", description="Where tasks run.", value=cluster.cluster_name)
    # For runs that somebody starts by hand; the others name theirs.
    cluster.add_default_capacity_provider_strategy(
        [ecs.CapacityProviderStrategy(capacity_provider="{{ "FARGATE_SPOT" if decision.task.interruptible else "FARGATE" }}", weight=1)],
    )
    cdk.Validations.of(cluster).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ECS4",
            reason="Container Insights bills by the metric; each run writes its own duration, items and failures.",
        ),
    )
    return cluster


{% with why_stop_timeout = "The longest there is, and what Fargate Spot gives; the job stops between two pages.", has_volume = decision.task.volume_gib > 0 %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}


{% include "templates/_partials/container/image_and_roles.py" %}
{% if decision.task.volume_gib %}


{% include "templates/_partials/fargate-task/compute/volumes_role.py" %}
{% endif %}
