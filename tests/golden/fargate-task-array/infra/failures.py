"""What fails is kept and somebody is told: jobs that failed in every attempt, or that could not even start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

if TYPE_CHECKING:
    from compute import Compute

__all__ = ["keep_failures", "make_dead_letters"]


def make_dead_letters(stack: cdk.Stack) -> sqs.Queue:
    """Make the queue that keeps what failed until a person has looked at it."""
    letters = sqs.Queue(
        stack,
        "DeadLetters",
        queue_name=f"{stack.stack_name}-dead-letters",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        # The longest there is.
        retention_period=cdk.Duration.days(14),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    end = "It is the end of the line."
    cdk.Validations.of(letters).acknowledge(
        cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason=end),
        cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason=end),
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-SQS4",
            reason="Whoever calls it is of this account and signs with IAM; every SDK does so over TLS.",
        ),
    )
    cdk.CfnOutput(stack, "DeadLettersUrl", description="What failed, and why.", value=letters.queue_url)
    return letters


def keep_failures(stack: cdk.Stack, compute: Compute, letters: sqs.Queue) -> None:
    """Keep every job that failed in its last attempt, or could not start: no image, address or right."""
    rule = events.CfnRule(
        stack,
        "Failures",
        description="Keeps jobs that failed, or that could not start.",
        event_pattern={
            "source": ["aws.batch"],
            "detail-type": ["Batch Job State Change"],
            "detail": {"jobQueue": [compute.queue.attr_job_queue_arn], "status": ["FAILED"]},
        },
        targets=[events.CfnRule.TargetProperty(id="DeadLetters", arn=letters.queue_arn)],
    )
    cdk.Validations.of(rule).acknowledge(
        cdk.Acknowledgment(
            id="Serverless::Serverless-EventBusDLQ",
            reason="The target is the dead-letter queue; EventBridge tries for a day to reach it.",
        ),
    )
    letters.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[letters.queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
        ),
    )
