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

    def tasks_arn(self) -> str:
        """Return the pattern that every task of the cluster has, and no other one."""
        stack = cdk.Stack.of(self.cluster)
        return str(stack.format_arn(service="ecs", resource="task", resource_name=f"{stack.stack_name}/*"))

    def start_statements(self) -> list[iam.PolicyStatement]:
        """Return what whoever starts runs has to be allowed: this task, in this cluster, under its two roles."""
        roles = [role.role_arn for role in (self.task.task_role, self.task.obtain_execution_role())]
        services = ["ecs-tasks.amazonaws.com"]
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
    return Compute(cluster=cluster, task=_make_task(stack, group, variables, statements), network=network)


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
        [ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=1)],
    )
    cdk.Validations.of(cluster).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ECS4",
            reason="Container Insights bills by the metric; each run writes its own duration, items and failures.",
        ),
    )
    return cluster


def _make_task(
    stack: cdk.Stack,
    group: logs.LogGroup,
    variables: dict[str, str],
    statements: list[iam.PolicyStatement],
) -> ecs.FargateTaskDefinition:
    image = _make_image(stack)
    task = ecs.FargateTaskDefinition(
        stack,
        "Task",
        family=stack.stack_name,
        # The smallest size of Fargate that holds one run, as docs/adr/0001-compute-tier.md found it.
        cpu=4096,
        memory_limit_mib=16384,
        runtime_platform=ecs.RuntimePlatform(
            cpu_architecture=ecs.CpuArchitecture.ARM64,
            operating_system_family=ecs.OperatingSystemFamily.LINUX,
        ),
        # What the roles allow is all said here; the CDK adds nothing to it.
        task_role=_make_role(stack, "TaskRole", statements).without_policy_updates(),
        execution_role=_make_execution_role(stack, image, group).without_policy_updates(),
    )
    _add_container(stack, task, image, group, variables)
    cdk.Validations.of(task).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ECS2",
            reason="Names and numbers of this deployment, no secrets: whoever may see the task may see them.",
        ),
    )
    return task


def _add_container(
    stack: cdk.Stack,
    task: ecs.FargateTaskDefinition,
    image: ecr_assets.DockerImageAsset,
    group: logs.LogGroup,
    variables: dict[str, str],
) -> None:
    # A first process that passes signals on before Python listens, and buries orphans.
    parameters = ecs.LinuxParameters(stack, "Linux", init_process_enabled=True)
    parameters.drop_capabilities(ecs.Capability.ALL)
    container = task.add_container(
        CONTAINER,
        image=ecs.ContainerImage.from_docker_image_asset(image),
        environment=variables,
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix=CONTAINER,
            log_group=group,
            # Metrics are log lines too: rather wait than lose one.
            mode=ecs.AwsLogDriverMode.BLOCKING,
        ),
        # By number, so that ECS sees that it is not root; Dockerfile says the same.
        user="10001:10001",
        readonly_root_filesystem=True,
        linux_parameters=parameters,
        # The longest there is, and what Fargate Spot gives; the job stops between two pages.
        stop_timeout=cdk.Duration.seconds(120),
    )
    # The one place that can be written; it ends with the task.
    task.add_volume(name=SCRATCH)
    container.add_mount_points(
        ecs.MountPoint(source_volume=SCRATCH, container_path="/scratch", read_only=False),
    )


def _make_image(stack: cdk.Stack) -> ecr_assets.DockerImageAsset:
    # Built from Dockerfile when the stack is deployed, into the repository of the CDK's bootstrap stack.
    return ecr_assets.DockerImageAsset(
        stack,
        "Image",
        directory=str(ROOT),
        platform=ecr_assets.Platform.LINUX_ARM64,
    )


def _make_execution_role(stack: cdk.Stack, image: ecr_assets.DockerImageAsset, group: logs.LogGroup) -> iam.Role:
    # What ECS does before the task runs: fetch the image, open the log stream. The task itself cannot use it.
    role = _make_role(
        stack,
        "ExecutionRole",
        [
            iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=[image.repository.repository_arn],
            ),
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[group.log_group_arn],
            ),
        ],
    )
    cdk.Validations.of(role).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            reason="A token for the registry is of no repository: AWS offers nothing narrower.",
        ),
    )
    return role


def _make_role(stack: cdk.Stack, name: str, statements: list[iam.PolicyStatement]) -> iam.Role:
    return iam.Role(
        stack,
        name,
        assumed_by=iam.ServicePrincipal(
            "ecs-tasks.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        ),
        inline_policies={"task": iam.PolicyDocument(statements=statements)},
    )
