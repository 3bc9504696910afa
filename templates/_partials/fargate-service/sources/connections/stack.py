{% extends "templates/_partials/container/stack.py" %}
{% block intro %}
"""What AWS makes for this service; each part has a module beside this one.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

Nothing may bill while idle but what docs/adr/{{ record_file }} names with its price: tests/infra judges what comes
of this.
"""
{% endblock %}

{% block modules %}
from compute import make_service
from front import {% block of_front %}PORT, Front, make_front{% endblock %}

from network import ExistingNetwork, make_network
from scaling import {% block of_scaling %}PER_TASK{% endblock %}, scale
{% if decision.scale_to_zero.min_capacity == 0 %}
from waking import make_waking
{% endif %}
{% endblock %}

{% block typing %}
    from aws_cdk import aws_ecs as ecs
{% endblock %}
{% block typing_after %}
    from network import Network
{% endblock %}

{% block constants %}
# A task that is told to stop ends its connections within this.
DRAIN_SECONDS = 90
# A connection that sends a larger message is closed.
MESSAGE_BYTES_AT_MOST = {{ decision.connections.message_kib * 1024 }}
# Messages that a task works on at the same time: as many as it has processors.
AT_ONCE = {{ decision.connections.at_once }}
{% endblock %}

{% block deployment_attributes %}
        certificate_parameter: The SSM parameter with the ARN of the certificate of its domain. It exists before.
{% endblock %}
{% block deployment_fields %}
    certificate_parameter: str
{% endblock %}

{% block resources %}
        network = make_network(self, deployment.network)
        front = make_front(self, network, deployment.certificate_parameter)
{% if decision.scale_to_zero.min_capacity == 0 %}
        service = self._make_service(network, front)
        target = scale(self, service, front, deployment.name)
        topics = [deployment.alarm_topic_arn] if deployment.alarm_topic_arn else []
        make_waking(self, target, service, front, deployment.name, topics)
{% block bill_asleep %}
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one for this, five for those that
        # scale, six for those that wake. docs/adr/{{ record_file }} allows them.
{% endblock %}
{% else %}
        scale(self, self._make_service(network, front), deployment.name)
{% block bill_awake %}
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one for this, four for those that
        # scale. docs/adr/{{ record_file }} allows them.
{% endblock %}
{% endif %}
        self._tell_somebody({% block tell %}self._make_unhealthy_alarm(front){% endblock %})

    def _make_service(self, network: Network, front: Front) -> ecs.CfnService:
        variables = {
            "ENVIRONMENT": self._deployment.name,
            # Where an SDK looks for its region; ECS sets another variable only.
            "AWS_DEFAULT_REGION": self.region,
            "PORT": str(PORT),
{% block variables %}
            "CONNECTIONS_AT_MOST": str(PER_TASK),
            "MESSAGE_BYTES_AT_MOST": str(MESSAGE_BYTES_AT_MOST),
            "AT_ONCE": str(AT_ONCE),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
{% endblock %}
        }
        group = self._make_log_group("TaskLogs", f"/ecs/{self.stack_name}")
        return make_service(self, network, group, variables, front)

{% endblock %}

{% block dead_letters %}{% endblock %}
{% block methods %}
    def _make_unhealthy_alarm(self, front: Front) -> cloudwatch.Alarm:
        # A deployment or a task that ends is over in less; somebody has to look at the log.
        return cloudwatch.Alarm(
            self,
            "TasksUnhealthy",
            alarm_description="Tasks of {{ project_name }} do not answer the load balancer.",
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

{% block more_alarms %}{% endblock %}
{% endblock %}
