"""The job: its image, size and rights, and the queue of AWS Batch where it waits. No machine waits for it.

Batch starts a task of Fargate for each job and keeps the others, so `tasks_at_once` is a ceiling that holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs
    from network import Network

__all__ = ["Compute", "make_compute"]

SCRATCH = "scratch"
# The smallest size of Fargate that holds one run, as docs/adr/0001-compute-tier.md found it.
VCPU, MEMORY_MIB = 1, 2048
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """What a run is started on."""

    queue: batch.CfnJobQueue
    definition: batch.CfnJobDefinition

    def start_statement(self) -> iam.PolicyStatement:
        """Return what whoever starts runs has to be allowed: this job, in this queue."""
        return iam.PolicyStatement(
            actions=["batch:SubmitJob"],
            resources=[self.queue.attr_job_queue_arn, self.definition.ref],
        )


def make_compute(  # noqa: PLR0913  what a job is made of
    stack: cdk.Stack,
    network: Network,
    group: logs.LogGroup,
    variables: dict[str, str],
    statements: list[iam.PolicyStatement],
    *,
    tasks_at_once: int,
) -> Compute:
    """Make the job and the queue where it waits.

    Args:
        stack: The deployment.
        network: Where tasks start.
        group: Where they log.
        variables: What every run is told.
        statements: What a run may do.
        tasks_at_once: How many run at once; the others wait.
    """
    environment = batch.CfnComputeEnvironment(
        stack,
        "Environment",
        type="MANAGED",
        # An update changes it in place: a queue cannot do without it.
        replace_compute_environment=False,
        compute_resources=batch.CfnComputeEnvironment.ComputeResourcesProperty(
            type="FARGATE_SPOT",
            # The ceiling, in whole processors. Fargate has no minimum: while no job waits, nothing runs.
            maxv_cpus=max(1, int(tasks_at_once * VCPU)),
            subnets=network.subnet_ids,
            security_group_ids=[network.security_group.security_group_id],
        ),
    )
    queue = batch.CfnJobQueue(
        stack,
        "Jobs",
        priority=1,
        compute_environment_order=[
            batch.CfnJobQueue.ComputeEnvironmentOrderProperty(
                compute_environment=environment.attr_compute_environment_arn,
                order=1,
            ),
        ],
    )
    cdk.CfnOutput(stack, "JobQueueArn", description="Where runs wait.", value=queue.attr_job_queue_arn)
    definition = _make_definition(stack, network, group, variables, statements)
    cdk.CfnOutput(stack, "JobDefinitionArn", description="What a run is.", value=definition.ref)
    return Compute(queue=queue, definition=definition)


def _make_definition(
    stack: cdk.Stack,
    network: Network,
    group: logs.LogGroup,
    variables: dict[str, str],
    statements: list[iam.PolicyStatement],
) -> batch.CfnJobDefinition:
    image = _make_image(stack)
    sizes = {"VCPU": f"{VCPU:g}", "MEMORY": str(MEMORY_MIB)}
    return batch.CfnJobDefinition(
        stack,
        "Job",
        type="container",
        platform_capabilities=["FARGATE"],
        propagate_tags=True,
        container_properties=batch.CfnJobDefinition.ContainerPropertiesProperty(
            image=image.image_uri,
            resource_requirements=[
                batch.CfnJobDefinition.ResourceRequirementProperty(type=kind, value=value)
                for kind, value in sizes.items()
            ],
            runtime_platform=batch.CfnJobDefinition.RuntimePlatformProperty(
                cpu_architecture="ARM64",
                operating_system_family="LINUX",
            ),
            environment=[
                batch.CfnJobDefinition.EnvironmentProperty(name=name, value=value) for name, value in variables.items()
            ],
            job_role_arn=_make_role(stack, "TaskRole", statements).without_policy_updates().role_arn,
            execution_role_arn=_make_execution_role(stack, image, group).without_policy_updates().role_arn,
            network_configuration=batch.CfnJobDefinition.NetworkConfigurationProperty(
                assign_public_ip=network.assign_public_ip,
            ),
            # A first process that passes signals on before Python listens, and buries orphans.
            linux_parameters=batch.CfnJobDefinition.LinuxParametersProperty(init_process_enabled=True),
            # By number, so that everybody sees that it is not root; Dockerfile says the same.
            user="10001:10001",
            readonly_root_filesystem=True,
            # The one place that can be written; it ends with the task.
            volumes=[
                batch.CfnJobDefinition.VolumesProperty(name=SCRATCH, host=batch.CfnJobDefinition.VolumesHostProperty()),
            ],
            mount_points=[
                batch.CfnJobDefinition.MountPointsProperty(
                    source_volume=SCRATCH,
                    container_path="/scratch",
                    read_only=False,
                ),
            ],
            log_configuration=batch.CfnJobDefinition.LogConfigurationProperty(
                log_driver="awslogs",
                options={
                    "awslogs-group": group.log_group_name,
                    "awslogs-region": stack.region,
                    "awslogs-stream-prefix": "job",
                },
            ),
        ),
        # Each attempt goes on from the checkpoint; Spot takes some back. A wrong setting stays wrong.
        retry_strategy=batch.CfnJobDefinition.RetryStrategyProperty(
            attempts=5,
            evaluate_on_exit=[
                batch.CfnJobDefinition.EvaluateOnExitProperty(on_exit_code="2", action="EXIT"),
                batch.CfnJobDefinition.EvaluateOnExitProperty(on_reason="*", action="RETRY"),
            ],
        ),
        # An hour more than a run gives itself, so that what hangs before it begins is stopped too.
        timeout=batch.CfnJobDefinition.TimeoutProperty(attempt_duration_seconds=18000),
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
