{% extends "templates/_partials/fargate-service/raw/stack.py" %}
{% block modules %}
from compute import make_service
from front import HEALTH_PORT, PORT, SILENCE_SECONDS, make_front
from network import ExistingNetwork, make_network
from scaling import PER_TASK, scale
from waking import make_waking
{% endblock %}

{% block deployment_attributes %}
        name_parameter: The SSM parameter with the name that clients look up. It exists before.
{% endblock %}
{% block deployment_fields %}
    name_parameter: str
{% endblock %}

{% block resources %}
        network = make_network(self, deployment.network)
        # Route 53 finds it wherever it is called; this is where people look for it.
        queries = self._make_log_group("Queries", f"/aws/route53/{self.stack_name}")
        front = make_front(self, network, deployment.name_parameter, queries)
        service = self._make_service(network)
        scale(self, service, deployment.name)
        logs_of_waking = self._make_log_group("WakingLogs", f"/aws/lambda/{self.stack_name}-waking")
        make_waking(self, deployment.name, front, service, logs_of_waking)
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one for this, five for those that
        # scale. docs/adr/{{ record_file }} allows them.
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

{% endblock %}

{% block methods %}
    def _make_start_alarm(self) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "StartFailed",
            alarm_description="{{ project_name }} was looked up and does not start.",
            metric=cloudwatch.Metric(
                namespace="{{ project_name }}",
                metric_name="FailedStarts",
                dimensions_map={"service": "{{ project_name }}", "environment": self._deployment.name},
                statistic="Sum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
