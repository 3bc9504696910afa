"""What AWS makes for this service; each part has a module beside this one.

A load balancer takes requests for server-sent events over TLS and passes them on to a service of ECS on Fargate, with
as many tasks as open streams need and never fewer than 2; a task that ends closes its streams one after the other,
and clients go on at the others after the last event that they have.
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
from front import PORT, Front, make_front
from network import ExistingNetwork, make_network
from scaling import PER_TASK, scale

if TYPE_CHECKING:
    from aws_cdk import aws_ecs as ecs
    from constructs import Construct
    from network import Network

__all__ = ["Deployment", "ExistingNetwork", "ServiceStack"]

# A task that is told to stop ends its streams within this.
DRAIN_SECONDS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deployment is told.

    Attributes:
        name: Which deployment this is; every log line and metric carries it.
        log_retention: How long logs are kept. Logs without an end are the one thing here that would bill for ever.
        certificate_parameter: The SSM parameter with the ARN of the certificate of its domain. It exists before.
        network: The VPC that tasks start in. Without one the stack makes its own, which costs nothing.
        alarm_topic_arn: The SNS topic that alarms tell. Without one they show in the console only.
        region: Where it is deployed to.
    """

    name: str
    log_retention: logs.RetentionDays
    certificate_parameter: str
    network: ExistingNetwork | None = None
    alarm_topic_arn: str = ""
    region: str = "us-east-1"


class ServiceStack(cdk.Stack):
    """One deployment of the service."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(
            scope,
            f"depot-board-{deployment.name}",
            description="depot-board: Tells boards in depots how many parcels wait where.",
            env=cdk.Environment(region=deployment.region),
            tags={"service": "depot-board", "environment": deployment.name},
        )
        self._deployment = deployment
        network = make_network(self, deployment.network)
        front = make_front(self, network, deployment.certificate_parameter)
        scale(self, self._make_service(network, front), deployment.name)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one for this, four for those that
        # scale. docs/adr/0001-compute-tier.md allows them.
        self._tell_somebody(self._make_unhealthy_alarm(front))

    def _make_service(self, network: Network, front: Front) -> ecs.CfnService:
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "PORT": str(PORT),
            "STREAMS_AT_MOST": str(PER_TASK),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_service(self, network, group, variables, front)

    def _make_log_group(self, name: str, path: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=path,
            retention=self._deployment.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_unhealthy_alarm(self, front: Front) -> cloudwatch.Alarm:
        # A deployment or a task that ends is over in less; somebody has to look at the log.
        return cloudwatch.Alarm(
            self,
            "TasksUnhealthy",
            alarm_description="Tasks of depot-board do not answer the load balancer.",
            metric=cloudwatch.Metric(
                namespace="AWS/ApplicationELB",
                metric_name="UnHealthyHostCount",
                dimensions_map={
                    "LoadBalancer": front.balancer,
                    "TargetGroup": front.targets.attr_target_group_full_name,
                },
                statistic="Minimum",
                period=cdk.Duration.minutes(1),
            ),
            threshold=1,
            evaluation_periods=5,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _tell_somebody(self, *alarms: cloudwatch.Alarm) -> None:
        if self._deployment.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "AlarmTopic", self._deployment.alarm_topic_arn)
            for alarm in alarms:
                alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
