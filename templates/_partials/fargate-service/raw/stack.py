{% extends "templates/_partials/fargate-service/sources/connections/stack.py" %}
{% block modules %}
from compute import make_service
from front import HEALTH_PORT, PORT, SILENCE_SECONDS, Front, make_front
from network import ExistingNetwork, make_network
from scaling import PER_TASK, scale
{% endblock %}

{% block constants %}
# A task that is told to stop ends {{ "what is in hand" if protocol == "udp" else "its connections" }} within this.
DRAIN_SECONDS = 90
{% if protocol == "udp" %}
# A larger datagram is dropped; no datagram can have more than 65,507. Above some 1,200 networks cut them into pieces.
MESSAGE_BYTES_AT_MOST = {{ [65507, decision.connections.message_kib * 1024] | min }}
{% else %}
# A connection that sends a larger message is closed.
MESSAGE_BYTES_AT_MOST = {{ decision.connections.message_kib * 1024 }}
{% endif %}
# Messages that a task works on at the same time: as many as it has processors.
AT_ONCE = {{ decision.connections.at_once }}
{% endblock %}

{% block deployment_attributes %}{% endblock %}
{% block deployment_fields %}{% endblock %}
{% block resources %}
        network = make_network(self, deployment.network)
        front = make_front(self, network)
        scale(self, self._make_service(network, front), deployment.name)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one for this, four for those that
        # scale. docs/adr/{{ record_file }} allows them.
        self._tell_somebody(self._make_unhealthy_alarm(front))

    def _make_service(self, network: Network, front: Front) -> ecs.CfnService:
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
        return make_service(self, network, group, variables, front)

{% endblock %}

{% block methods %}
    def _make_unhealthy_alarm(self, front: Front) -> cloudwatch.Alarm:
        # A deployment or a task that ends is over in less; somebody has to look at the log.
        return cloudwatch.Alarm(
            self,
            "TasksUnhealthy",
            alarm_description="Tasks of {{ project_name }} do not answer the load balancer.",
            metric=cloudwatch.Metric(
                namespace="AWS/NetworkELB",
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

{% endblock %}
