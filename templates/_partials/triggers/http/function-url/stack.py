{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block resources %}
        # A function URL takes up to 6 MB; a quote needs a few hundred bytes.
        function = self._make_function({"MAX_BODY_BYTES": "65536"}, [])
        self._make_url(function)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_errors_alarm(function),
            self._make_latency_alarm(function),
            self._make_throttles_alarm(function),
        )
{% endblock %}
{% block methods %}
    def _make_url(self, function: lambda_.Function) -> None:
        # Nothing throttles a function URL: what bounds it is the concurrency that the account has left.
        url = function.add_function_url(
{% if authorisation == "iam" %}
            # Who may call is said in IAM. Each request is signed (SigV4).
            auth_type=lambda_.FunctionUrlAuthType.AWS_IAM,
{% else %}
            # It is public; have IAM say who may call before it guards anything.
            auth_type=lambda_.FunctionUrlAuthType.NONE,
{% endif %}
            invoke_mode=lambda_.InvokeMode.BUFFERED,
{% if cors_origins %}
            cors=self._make_cors(),
{% endif %}
        )
        cdk.CfnOutput(self, "ApiUrl", description="Where the service answers.", value=url.url)

{% if cors_origins %}
    def _make_cors(self) -> lambda_.FunctionUrlCorsOptions | None:
        if not self._deployment.cors_origins:
            return None
        return lambda_.FunctionUrlCorsOptions(
            allowed_origins=list(self._deployment.cors_origins),
            allowed_methods=[lambda_.HttpMethod.GET, lambda_.HttpMethod.POST],
            allowed_headers=["authorization", "content-type", "x-correlation-id"],
            exposed_headers=["x-correlation-id"],
            # For ten minutes a browser does not ask again.
            max_age=cdk.Duration.minutes(10),
        )

{% endif %}
    def _make_errors_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # Callers get 5xx, from the function or its time-out.
        return cloudwatch.Alarm(
            self,
            "ServerErrors",
            alarm_description="Callers of {{ project_name }} got five server errors in five minutes.",
            metric=function.metric("Url5xxCount", statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=5,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_latency_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # For a quarter of an hour one answer in a hundred is too slow; a cold start alone never is.
        return cloudwatch.Alarm(
            self,
            "SlowAnswers",
            alarm_description="One in a hundred answers of {{ project_name }} took over {{ slow_answer_ms }} ms.",
            metric=function.metric("UrlRequestLatency", statistic="p99", period=cdk.Duration.minutes(5)),
            threshold={{ slow_answer_ms }},
            evaluation_periods=3,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
