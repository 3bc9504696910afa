"""Where messages wait, and what makes a job of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sqs as sqs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compute import Compute

__all__ = ["make_messages"]


def make_messages(stack: cdk.Stack, compute: Compute, letters: sqs.Queue, told: Mapping[str, str]) -> None:
    """Submit a job for each message.

    Args:
        stack: The deployment.
        compute: What a run is started on.
        letters: Where messages end that no job can be made of.
        told: The variables of the run, as paths into the message; each is that of a text.
    """
    queue = sqs.Queue(
        stack,
        "Messages",
        queue_name=f"{stack.stack_name}-messages",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        # A message lies here for the second or two that its job takes to be submitted; then Batch keeps the job.
        visibility_timeout=cdk.Duration.seconds(60),
        retention_period=cdk.Duration.days(4),
        dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=5),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    cdk.Validations.of(queue).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-SQS4",
            reason="Whoever calls it is of this account and signs with IAM; every SDK does so over TLS.",
        ),
    )
    pipe = pipes.CfnPipe(
        stack,
        "Pipe",
        description="Submits a job for each message.",
        role_arn=_make_role(stack, compute, queue).role_arn,
        source=queue.queue_arn,
        source_parameters=pipes.CfnPipe.PipeSourceParametersProperty(
            # A job for each: the pipe deletes a message when Batch has its job, and not before.
            sqs_queue_parameters=pipes.CfnPipe.PipeSourceSqsQueueParametersProperty(batch_size=1),
        ),
        target=compute.queue.attr_job_queue_arn,
        target_parameters=pipes.CfnPipe.PipeTargetParametersProperty(
            batch_job_parameters=pipes.CfnPipe.PipeTargetBatchJobParametersProperty(
                job_definition=compute.definition.ref,
                job_name=told["RUN_ID"],
                container_overrides=pipes.CfnPipe.BatchContainerOverridesProperty(
                    environment=[
                        pipes.CfnPipe.BatchEnvironmentVariableProperty(name=name, value=path)
                        for name, path in told.items()
                    ],
                ),
            ),
        ),
    )
    cdk.CfnOutput(
        stack,
        "QueueUrl",
        description="Where messages are sent; a sender needs sqs:SendMessage on this queue.",
        value=queue.queue_url,
    )
    cdk.CfnOutput(stack, "PipeName", description="What starts runs.", value=pipe.ref)


def _make_role(stack: cdk.Stack, compute: Compute, queue: sqs.Queue) -> iam.Role:
    take = iam.PolicyStatement(
        actions=["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        resources=[queue.queue_arn],
    )
    return iam.Role(
        stack,
        "PipeRole",
        assumed_by=iam.ServicePrincipal(
            "pipes.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        ),
        inline_policies={"pipe": iam.PolicyDocument(statements=[take, compute.start_statement()])},
    )
