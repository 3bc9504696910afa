"""What AWS makes for this service; each part has a module beside this one.

Clients find the tasks of a service of ECS on Fargate by one DNS record, and connect to them directly. While nobody is
connected no task runs: the record names an address at which nobody answers, Route 53 writes down that somebody
looked, and a function starts the first task and writes its address into the record. Nothing here encrypts what they
say.
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
from compute import make_service
from front import HEALTH_PORT, PORT, SILENCE_SECONDS, make_front
from network import ExistingNetwork, make_network
from scaling import PER_TASK, scale
from waking import make_waking

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
    from constructs import Construct
    from network import Network

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# A task that is told to stop ends its connections within this.
DRAIN_SECONDS = 90
# A connection that sends a larger message is closed.
MESSAGE_BYTES_AT_MOST = 65536
# Messages that a task works on at the same time: as many as it has processors.
AT_ONCE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        name_parameter: The SSM parameter with the name that clients look up. It exists before.
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    name_parameter: str
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"forecast-scale-{deployment.name}",
            description="forecast-scale: Forecasts what a tariff would earn, for devices that speak no HTTP and sleep as well.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "forecast-scale", "environment": deployment.name},
        )
        self._deployment = deployment
        network = make_network(self, deployment.network)
        # Route 53 finds it wherever it is called; this is where people look for it.
        queries = self._make_log_group("Queries", f"/aws/route53/{self.stack_name}")
        front = make_front(self, network, deployment.name_parameter, queries)
        service = self._make_service(network)
        scale(self, service, deployment.name)
        logs_of_waking = self._make_log_group("WakingLogs", f"/aws/lambda/{self.stack_name}-waking")
        make_waking(self, deployment.name, front, service, logs_of_waking)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one for this, five for those that
        # scale. docs/adr/0001-compute-tier.md allows them.
        self._tell_somebody(self._make_start_alarm())

    def _make_service(self, network: Network) -> ecs.CfnService:
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "PORT": str(PORT),
            "HEALTH_PORT": str(HEALTH_PORT),
            "CONNECTIONS_AT_MOST": str(PER_TASK),
            "MESSAGE_BYTES_AT_MOST": str(MESSAGE_BYTES_AT_MOST),
            "AT_ONCE": str(AT_ONCE),
            "SILENCE_SECONDS": str(SILENCE_SECONDS),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_service(self, network, group, variables)

    def _make_log_group(self, name: str, path: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=path,
            retention=self._deployment.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_start_alarm(self) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "StartFailed",
            alarm_description="forecast-scale was looked up and does not start.",
            metric=cloudwatch.Metric(
                namespace="forecast-scale",
                metric_name="FailedStarts",
                dimensions_map={"service": "forecast-scale", "environment": self._deployment.name},
                statistic="Sum",
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
