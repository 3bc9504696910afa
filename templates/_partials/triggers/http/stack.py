{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_cloudwatch %}
from aws_cdk import aws_apigatewayv2 as apigateway
{% endblock %}
{% block after_sns %}
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
{% endblock %}
{% block constants %}
# One line per route of handlers/http.py (tests/infra/test_http_wiring.py compares them).
ROUTES = (
    (apigateway.HttpMethod.POST, "/quotes"),
    (apigateway.HttpMethod.GET, "/zones/{zone}"),
)
# Above this callers get 429: ten times the peak of {{ decision.peak_per_second | round(2) }} requests a second, at least 100.
THROTTLE_PER_SECOND = {{ throttle_per_second }}
ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","route":"$context.routeKey",'
    ' "status":"$context.status","latencyMs":"$context.responseLatency","bytes":"$context.responseLength",'
    ' "ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent",'
    ' "error":"$context.integrationErrorMessage"}'
)
{% endblock %}
{% block resources %}
        # API Gateway takes up to 10 MB; a quote needs a few hundred bytes.
        function = self._make_function({"MAX_BODY_BYTES": "65536"}, [])
        api = self._make_api(function)
        self._make_stage(api)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_errors_alarm(api),
            self._make_latency_alarm(api),
            self._make_throttles_alarm(function),
        )
{% endblock %}
{% block methods %}
    def _make_api(self, function: lambda_.Function) -> apigateway.HttpApi:
        # It bills per request only. Whatever matches no route gets a problem response from the function: 404 or 405.
        integration = HttpLambdaIntegration("Integration", function, scope_permission_to_route=False)
        api = apigateway.HttpApi(
            self,
            "HttpApi",
            api_name=self.stack_name,
            create_default_stage=False,
            default_integration=integration,
        )
        for method, path in ROUTES:
            api.add_routes(path=path, methods=[method], integration=integration)
        cdk.Validations.of(api).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-APIG4",
                reason="It is public; add an authoriser before it guards anything.",
            ),
        )
        cdk.CfnOutput(self, "ApiUrl", description="Where the service answers.", value=api.api_endpoint)
        return api

    def _make_stage(self, api: apigateway.HttpApi) -> None:
        # Below this prefix API Gateway needs no entry of its own in the account's log policy, which has a size limit.
        group = self._make_log_group("AccessLogs", f"/aws/vendedlogs/{self.stack_name}")
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=THROTTLE_PER_SECOND,
                throttling_burst_limit=THROTTLE_PER_SECOND,
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn,
                format=ACCESS_LOG_FORMAT,
            ),
        )

    def _make_errors_alarm(self, api: apigateway.HttpApi) -> cloudwatch.Alarm:
        # Callers get 5xx, from the function, its time-out or the gateway.
        return cloudwatch.Alarm(
            self,
            "ServerErrors",
            alarm_description="Callers of {{ project_name }} got five server errors in five minutes.",
            metric=api.metric_server_error(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=5,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_latency_alarm(self, api: apigateway.HttpApi) -> cloudwatch.Alarm:
        # For a quarter of an hour one answer in a hundred is too slow; a cold start alone never is.
        return cloudwatch.Alarm(
            self,
            "SlowAnswers",
            alarm_description="One in a hundred answers of {{ project_name }} took over {{ slow_answer_ms }} ms.",
            metric=api.metric_latency(statistic="p99", period=cdk.Duration.minutes(5)),
            threshold={{ slow_answer_ms }},
            evaluation_periods=3,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
