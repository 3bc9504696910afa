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
# The smallest size of Fargate that holds one run, as docs/adr/{{ record_file }} found it.
VCPU, MEMORY_MIB = {{ decision.size.vcpu }}, {{ decision.size.memory_mib }}
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """What a run is started on."""

    queue: batch.CfnJobQueue
    definition: batch.CfnJobDefinition
{% if event_source == "queue" %}

    def start_statement(self) -> iam.PolicyStatement:
        """Return what whoever starts runs has to be allowed: this job, in this queue."""
        return iam.PolicyStatement(
            actions=["batch:SubmitJob"],
            resources=[self.queue.attr_job_queue_arn, self.definition.ref],
        )
{% endif %}


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
            type="{{ "FARGATE_SPOT" if decision.task.interruptible else "FARGATE" }}",
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
{% if decision.size.ephemeral_gib > 20 %}
            # The image shares it; 20 GiB would be free, and 21 are the least that can be asked for.
            ephemeral_storage=batch.CfnJobDefinition.EphemeralStorageProperty(
                size_in_gib={{ [21, decision.size.ephemeral_gib | int] | max }},
            ),
{% endif %}
            runtime_platform=batch.CfnJobDefinition.RuntimePlatformProperty(
                cpu_architecture="{{ {"arm64": "ARM64", "x86_64": "X86_64"}[decision.size.architecture] }}",
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
        # Each attempt goes on from the checkpoint{% if decision.task.interruptible %}; Spot takes some back{% endif %}. A wrong setting stays wrong.
        retry_strategy=batch.CfnJobDefinition.RetryStrategyProperty(
            attempts={{ 5 if decision.task.interruptible else 3 }},
            evaluate_on_exit=[
                batch.CfnJobDefinition.EvaluateOnExitProperty(on_exit_code="2", action="EXIT"),
                batch.CfnJobDefinition.EvaluateOnExitProperty(on_reason="*", action="RETRY"),
            ],
        ),
        # An hour more than a run gives itself, so that what hangs before it begins is stopped too.
        timeout=batch.CfnJobDefinition.TimeoutProperty(attempt_duration_seconds={{ run_seconds_at_most + 3600 }}),
    )


{% include "templates/_partials/container/image_and_roles.py" %}
