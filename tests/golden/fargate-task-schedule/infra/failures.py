"""What fails is kept and somebody is told: tasks that end otherwise than they should, or that cannot even start."""

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
    """Keep every task that ended otherwise than with exit code 0, or could not start: no capacity, image or address."""
    rule = events.CfnRule(
        stack,
        "Failures",
        description="Keeps tasks that failed, or that could not start.",
        event_pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "clusterArn": [compute.cluster.cluster_arn],
                "lastStatus": ["STOPPED"],
                # What Spot took back, or had no machine for, is started again: starts.py.
                "$or": [
                    {"stopCode": ["EssentialContainerExited"], "containers": {"exitCode": [{"anything-but": [0]}]}},
                    {"stopCode": ["TaskFailedToStart"], "capacityProviderName": [{"anything-but": "FARGATE_SPOT"}]},
                    {
                        "stopCode": [
                            {"anything-but": ["EssentialContainerExited", "SpotInterruption", "TaskFailedToStart"]},
                        ],
                    },
                ],
            },
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
