"""What AWS makes for this service; each part has a module beside this one.

An HTTP API of API Gateway passes requests on to a service of ECS on Fargate, by a VPC link and Cloud Map. While
nobody calls no task runs: a function answers instead, asks callers to come back, and starts the first task.
Nothing may bill while idle but what docs/adr/0001-compute-tier.md names with its price: tests/infra judges what comes
of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from compute import PORT, make_service
from front import make_door, make_front
from network import ExistingNetwork, make_network
from scaling import AT_ONCE, TAKEN_AT_MOST, scale
from waking import make_waking

if TYPE_CHECKING:
    from constructs import Construct

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# A second less than API Gateway waits, so that a caller learns of it from the service.
SECONDS_AT_MOST = 29
# API Gateway goes on with a task that was told to stop until it has asked Cloud Map again.
LINGER_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"quote-desk-{deployment.name}",
            description="quote-desk: Quotes what a parcel costs, by a tariff that stays in memory.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "quote-desk", "environment": deployment.name},
        )
        self._deployment = deployment
        network = make_network(self, deployment.network)
        front = make_front(self, network)
        variables = {
            "ENVIRONMENT": deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "PORT": str(PORT),
            "AT_ONCE": str(AT_ONCE),
            "TAKEN_AT_MOST": str(TAKEN_AT_MOST),
            # The largest body that was stated; API Gateway would take 10 MB.
            "MAX_BODY_BYTES": "100000",
            "SECONDS_AT_MOST": str(SECONDS_AT_MOST),
            "LINGER_SECONDS": str(LINGER_SECONDS),
        }
        logs_of_tasks = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        service = make_service(self, network, logs_of_tasks, variables, front.registry)
        scale(self, deployment.name, service)
        logs_of_waking = self._make_log_group("WakingLogs", f"/aws/lambda/{self.stack_name}-waking")
        waking = make_waking(self, deployment.name, front, service, logs_of_waking)
        # Below this prefix API Gateway needs no entry of its own in the account's log policy, which has a size limit.
        access_logs = self._make_log_group("AccessLogs", f"/aws/vendedlogs/{self.stack_name}")
        make_door(self, front, waking.function, waking.role, access_logs)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each for these two, three for those
        # that scale. docs/adr/0001-compute-tier.md allows them.
        self._tell_somebody(
            self._make_alarm("ServerErrors", "Errors", 5, "Callers of quote-desk got five errors in five minutes."),
            self._make_alarm("StartFailed", "FailedStarts", 1, "quote-desk was asked for and does not start."),
        )

    def _make_log_group(self, name: str, path: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=path,
            retention=self._deployment.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_alarm(self, name: str, metric: str, threshold: int, description: str) -> cloudwatch.Alarm:
        # Of the service's own metrics: for API Gateway every request that finds it asleep is an error too.
        return cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=cloudwatch.Metric(
                namespace="quote-desk",
                metric_name=metric,
                dimensions_map={"service": "quote-desk", "environment": self._deployment.name},
                statistic="Sum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=threshold,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _tell_somebody(self, *alarms: cloudwatch.Alarm) -> None:
        if self._deployment.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "AlarmTopic", self._deployment.alarm_topic_arn)
            for alarm in alarms:
                alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
