"""What AWS makes for this service; each part has a module beside this one.

EventBridge starts one task of ECS on Fargate for each object that arrives in a bucket; what fails is kept in a queue.
There is no ECS service: a task exists only while it works. Nothing may bill while idle but what
docs/adr/0001-compute-tier.md names with its price: tests/infra judges what comes of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from checkpoints import make_checkpoints
from compute import Compute, make_compute
from failures import keep_failures, make_dead_letters
from network import ExistingNetwork, make_network
from objects import make_objects
from rule import Events, keep, start
from starts import start_again_undisturbed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# EventBridge escapes nothing that it tells a task, so a key with one of these could say something else.
UNTOLD = ['*"*', "*\\\\*"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        object_retention_days: How long objects are kept. At least as long as a dead letter that names one (14 days).
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    object_retention_days: int = 90
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"delivery-sums-{deployment.name}",
            description="delivery-sums: Adds up what a delivery of parcels weighs.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "delivery-sums", "environment": deployment.name},
        )
        self._deployment = deployment
        letters = make_dead_letters(self)
        objects, reading = make_objects(self, deployment.object_retention_days)
        compute = self._make_compute(objects, reading)
        keep_failures(self, compute, letters)
        # A version of an object is one run, however often S3 tells of it.
        told = {
            "RUN_ID": "$.detail.object.version-id",
            "OBJECT_KEY": "$.detail.object.key",
            "OBJECT_BYTES": "$.detail.object.size",
        }
        start(self, compute, letters, arrival(objects, {"anything-but": {"wildcard": UNTOLD}}), told)
        keep(self, letters, arrival(objects, *({"wildcard": text} for text in UNTOLD)))
        start_again_undisturbed(self, compute, letters)
        # An alarm bills $0.10 a month, idle or not; docs/adr/0001-compute-tier.md allows this one.
        self._tell_somebody(self._make_dead_letters_alarm(letters))

    def _make_compute(self, objects: s3.Bucket, reading: iam.PolicyStatement) -> Compute:
        where, rights = make_checkpoints(self)
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            # Twice the slowest run: what takes longer hangs.
            "RUN_SECONDS_AT_MOST": "21600",
            **where,
            "OBJECTS": objects.bucket_name,
        }
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_compute(self, make_network(self, self._deployment.network), group, variables, [*rights, reading])

    def _make_log_group(self, name: str, path: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=path,
            retention=self._deployment.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that delivery-sums could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _tell_somebody(self, *alarms: cloudwatch.Alarm) -> None:
        if self._deployment.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "AlarmTopic", self._deployment.alarm_topic_arn)
            for alarm in alarms:
                alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))


def arrival(objects: s3.Bucket, *keys: Mapping[str, object]) -> Events:
    """Return the arrivals of objects under a key that matches one of these."""
    detail = {"bucket": {"name": [objects.bucket_name]}, "object": {"key": list(keys)}}
    return Events(pattern={"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})
