{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_cloudwatch %}
from aws_cdk import aws_apigatewayv2 as apigateway
{% endblock %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block after_sns %}
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration
{% endblock %}
{% block constants %}
# One for each line of ROUTES in handlers/websocket.py (tests/infra/test_websocket_wiring.py compares them).
ROUTES = ("$connect", "$disconnect", "say", "$default")
STAGE = "live"
# Above this callers get 429: ten times the peak of {{ decision.peak_per_second | round(2) }} messages a second, or of new connections, at least 100.
THROTTLE_PER_SECOND = {{ websocket_throttle_per_second }}
ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","route":"$context.routeKey",'
    ' "event":"$context.eventType","status":"$context.status","connectionId":"$context.connectionId",'
    ' "latencyMs":"$context.integrationLatency","ip":"$context.identity.sourceIp",'
    ' "agent":"$context.identity.userAgent","error":"$context.integrationErrorMessage"}'
)
{% endblock %}
{% block resources %}
        api = self._make_api()
        connections = self._make_connections()
        function = self._make_function(
            {
                "TABLE_NAME": connections.table_name,
                "CALLBACK_URL": f"https://{api.api_id}.execute-api.{self.region}.{self.url_suffix}/{STAGE}",
                # The largest message, either way; API Gateway itself carries at most 131072 bytes and then closes the
                # connection.
                "MAX_MESSAGE_BYTES": "{{ websocket_message_bytes }}",
            },
            [
                iam.PolicyStatement(
                    actions=["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
                    resources=[connections.table_arn],
                ),
                iam.PolicyStatement(actions=["dynamodb:Query"], resources=[f"{connections.table_arn}/index/by_room"]),
                # Only to post, and only to the clients of this stage.
                iam.PolicyStatement(
                    actions=["execute-api:ManageConnections"],
                    resources=[
                        self.format_arn(
                            service="execute-api",
                            resource=api.api_id,
                            resource_name=f"{STAGE}/POST/@connections/*",
                        ),
                    ],
                ),
            ],
        )
        this_api = f"arn:<AWS::Partition>:execute-api:{self.region}:<AWS::AccountId>:<{self.get_logical_id(api.node.default_child)}>"
        cdk.Validations.of(self.node.find_child("FunctionRole")).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{this_api}/{STAGE}/POST/@connections/*]",
                reason="Who is connected changes all the time; nobody but clients of this stage can be.",
            ),
        )
        self._route_messages(api, function)
        self._make_stage(api)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_failures_alarm(function),
            self._make_latency_alarm(function),
            self._make_throttles_alarm(function),
        )
{% endblock %}
{% block methods %}
    def _make_api(self) -> apigateway.WebSocketApi:
        # It bills per message and connection minute. It is public; give $connect an authoriser before it guards anything.
        api = apigateway.WebSocketApi(
            self,
            "WebSocketApi",
            api_name=self.stack_name,
            route_selection_expression="$request.body.action",
        )
        cdk.Validations.of(api).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-APIG4",
                reason="It is public; add an authoriser before it guards anything.",
            ),
        )
        cdk.CfnOutput(
            self,
            "WebSocketUrl",
            description="Where clients connect; the query parameter `room` names their room.",
            value=f"{api.api_endpoint}/{STAGE}",
        )
        return api

    def _make_connections(self) -> dynamodb.Table:
        # It knows who is connected, and in which room; it bills per request and forgets what API Gateway has closed.
        connections = dynamodb.Table(
            self,
            "Connections",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="connection_id", type=dynamodb.AttributeType.STRING),
            # 7,200 s after it began, when API Gateway closes every connection: $disconnect is not always delivered.
            time_to_live_attribute="expires_at",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        connections.add_global_secondary_index(
            index_name="by_room",
            partition_key=dynamodb.Attribute(name="room", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="connection_id", type=dynamodb.AttributeType.STRING),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        cdk.Validations.of(connections).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A connection cannot be restored; it ends after two hours and its client connects again.",
            ),
        )
        return connections

    def _route_messages(self, api: apigateway.WebSocketApi, function: lambda_.Function) -> None:
        # Whatever names no route, or is no JSON, gets a typed error from the function.
        integration = WebSocketLambdaIntegration("Integration", function)
        for route in ROUTES:
            api.add_route(route, integration=integration)

    def _make_stage(self, api: apigateway.WebSocketApi) -> None:
        # API Gateway writes access logs with a role that the account has once per region (README, What it does).
        group = self._make_log_group("AccessLogs", f"/aws/apigateway/{self.stack_name}")
{% with stage="STAGE" %}
{% include "templates/_partials/api_gateway/stage.py" %}
{% endwith %}

    def _make_failures_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # Messages fail, in the function or at its time-out; a refused message is no failure.
        return cloudwatch.Alarm(
            self,
            "Failures",
            alarm_description="Five messages to {{ project_name }} failed in five minutes.",
            metric=function.metric_errors(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=5,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _make_latency_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # For a quarter of an hour one answer in a hundred is too slow; a cold start alone never is.
        return cloudwatch.Alarm(
            self,
            "SlowAnswers",
            alarm_description="One in a hundred messages to {{ project_name }} took over {{ slow_answer_ms }} ms.",
            metric=function.metric_duration(statistic="p99", period=cdk.Duration.minutes(5)),
            threshold={{ slow_answer_ms }},
            evaluation_periods=3,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
