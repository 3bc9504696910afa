{% extends "templates/_partials/container/stack.py" %}
{% block intro %}
"""What AWS makes for this service; each part has a module beside this one.

{% filter trim | wordwrap(118) %}{% include trigger_folder ~ "/architecture.txt" %}{% endfilter %}

Nothing may bill while idle but what docs/adr/{{ record_file }} names with its price: tests/infra judges what comes
of this.
"""
{% endblock %}

{% block modules %}
from compute import PORT, make_service
from front import make_door, make_front
from network import ExistingNetwork, make_network
from scaling import AT_ONCE, TAKEN_AT_MOST, scale
from waking import make_waking
{% endblock %}

{% block constants %}
# A second less than API Gateway waits, so that a caller learns of it from the service.
SECONDS_AT_MOST = {{ decision.serving.seconds_at_most }}
# API Gateway goes on with a task that was told to stop until it has asked Cloud Map again.
LINGER_SECONDS = 30
{% endblock %}

{% block resources %}
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
            "MAX_BODY_BYTES": "{{ decision.serving.body_bytes }}",
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
        # that scale. docs/adr/{{ record_file }} allows them.
        self._tell_somebody(
            self._make_alarm("ServerErrors", "Errors", 5, "Callers of {{ project_name }} got five errors in five minutes."),
            self._make_alarm("StartFailed", "FailedStarts", 1, "{{ project_name }} was asked for and does not start."),
        )

{% endblock %}

{% block dead_letters %}{% endblock %}

{% block methods %}
    def _make_alarm(self, name: str, metric: str, threshold: int, description: str) -> cloudwatch.Alarm:
        # Of the service's own metrics: for API Gateway every request that finds it asleep is an error too.
        return cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=cloudwatch.Metric(
                namespace="{{ project_name }}",
                metric_name=metric,
                dimensions_map={"service": "{{ project_name }}", "environment": self._deployment.name},
                statistic="Sum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=threshold,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
