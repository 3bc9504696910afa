"""The service: its tasks with their image, size and rights, and the cluster that they run in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from front import PORT

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs
    from network import Network

__all__ = ["make_service"]

CONTAINER = "server"
SCRATCH = "scratch"
ROOT = Path(__file__).parents[1]
ASK_WHETHER_ALIVE = (
    "import http.client, sys; asked = http.client.HTTPConnection('127.0.0.1', 8081, timeout=4); "
    "asked.request('GET', '/alive'); sys.exit(asked.getresponse().status != 200)"
)


def make_service(
    stack: cdk.Stack,
    network: Network,
    group: logs.LogGroup,
    variables: dict[str, str],
) -> ecs.CfnService:
    """Make the service and the cluster that its tasks run in.

    Args:
        stack: The deployment.
        network: Where tasks start.
        group: Where they log.
        variables: What every task is told.
    """
    # A task calls no part of AWS; a statement more here is what your work needs.
    task = _make_task(stack, group, variables, [])
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
        # A task carries the tags of its definition, so that the bill can be told apart.
        propagate_tags="TASK_DEFINITION",
    )
    # Without a way out a task cannot fetch its image.
    service.node.add_dependency(*(subnet.internet_connectivity_established for subnet in network.vpc.public_subnets))
    cdk.CfnOutput(stack, "ServiceName", description="What keeps the tasks.", value=service.attr_name)
    return service


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
        # The smallest size of Fargate that holds the work, as docs/adr/0001-compute-tier.md found it.
        cpu=512,
        memory_limit_mib=1024,
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
        port_mappings=[ecs.PortMapping(container_port=PORT)],
        # Whether the process lives; a task that does not is replaced.
        health_check=ecs.HealthCheck(
            command=["CMD", "/app/bin/python", "-c", ASK_WHETHER_ALIVE],
            interval=cdk.Duration.seconds(10),
            timeout=cdk.Duration.seconds(5),
            retries=3,
        ),
        # The longest there is: connections end in it, one after the other.
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
        inline_policies={"task": iam.PolicyDocument(statements=statements)} if statements else {},
    )
