{% extends "templates/_partials/fargate-service/sources/connections/stack.py" %}
{% block of_front %}IDLE_SECONDS, PORT, SECONDS_AT_MOST, Front, make_front{% endblock %}

{% block of_scaling %}AT_ONCE, TAKEN_AT_MOST{% endblock %}

{% block constants %}
# A task that is told to stop, which is after the load balancer has waited, answers within this what it still has.
DRAIN_SECONDS = 100
# A connection that nobody uses is closed by the load balancer, never by a task.
KEEP_ALIVE_SECONDS = IDLE_SECONDS + 15
{% endblock %}

{% block variables %}
            "AT_ONCE": str(AT_ONCE),
            "TAKEN_AT_MOST": str(TAKEN_AT_MOST),
            # The largest body that was stated; the load balancer has no limit of its own.
            "MAX_BODY_BYTES": "{{ decision.serving.body_bytes }}",
            "SECONDS_AT_MOST": str(SECONDS_AT_MOST),
            "KEEP_ALIVE_SECONDS": str(KEEP_ALIVE_SECONDS),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
{% endblock %}

{% block bill_asleep %}
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each for these two, five for those
        # that scale, seven for those that wake. docs/adr/{{ record_file }} allows them.
{% endblock %}

{% block bill_awake %}
        # Alarms bill $0.10 a month for each metric that they watch, idle or not: one each for these two, four for those
        # that scale. docs/adr/{{ record_file }} allows them.
{% endblock %}

{% block tell %}self._make_unhealthy_alarm(front), self._make_errors_alarm(){% endblock %}

{% block more_alarms %}
    def _make_errors_alarm(self) -> cloudwatch.Alarm:
        # Of the service's own metric: for the load balancer every request that finds it asleep is an error, too.
        return cloudwatch.Alarm(
            self,
            "ServerErrors",
            alarm_description="Callers of {{ project_name }} got five errors in five minutes.",
            metric=cloudwatch.Metric(
                namespace="{{ project_name }}",
                metric_name="Errors",
                dimensions_map={"service": "{{ project_name }}", "environment": self._deployment.name},
                statistic="Sum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=5,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
