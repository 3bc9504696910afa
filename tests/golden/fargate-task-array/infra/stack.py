"""What AWS makes for this service; each part has a module beside this one.

A person or a pipeline submits an array to AWS Batch, a job for each item; Batch runs them on Fargate, so many at once
and no more, and what fails is kept in a queue.
There are no machines that wait: a task exists only while it works. Nothing may bill while idle but what
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

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# What a run is asked for where its start does not say it; settings.py reads the same names.
ORDER = {"SEED": "7", "PARCELS": "20000000"}
# Batch takes 2 to 10,000 in an array.
ITEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        tasks_at_once: How many items there may be at work, of all runs together; the others wait for their turn.
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    tasks_at_once: int = 100
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"tariff-forecast-{deployment.name}",
            description="tariff-forecast: Forecasts what the tariff will earn, item by item.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "tariff-forecast", "environment": deployment.name},
        )
        self._deployment = deployment
        letters = make_dead_letters(self)
        compute = self._make_compute()
        keep_failures(self, compute, letters)
        cdk.CfnOutput(self, "ItemsPerRun", description="The size of an array.", value=str(ITEMS))
        # An alarm bills $0.10 a month, idle or not; docs/adr/0001-compute-tier.md allows this one.
        self._tell_somebody(self._make_dead_letters_alarm(letters))

    def _make_compute(self) -> Compute:
        where, rights = make_checkpoints(self)
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region.
            "AWS_DEFAULT_REGION": self.region,
            # Twice the slowest run: what takes longer hangs.
            "RUN_SECONDS_AT_MOST": "14400",
            **where,
            **ORDER,
        }
        group = self._make_log_group("TaskLogs", f"/batch/{self.stack_name}")
        network = make_network(self, self._deployment.network)
        return make_compute(
            self,
            network,
            group,
            variables,
            rights,
            tasks_at_once=self._deployment.tasks_at_once,
        )

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
            alarm_description="Something that tariff-forecast could not work on lies in its dead-letter queue.",
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
