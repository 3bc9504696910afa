{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block before_lambda %}
from aws_cdk import aws_iot as iot
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_destinations import SqsDestination
{% endblock %}
{% block attributes %}
        topic_filter: The topics whose messages are worked on, with + for one level and # for the rest. Environments of
            one account share their topics.
{% endblock %}
{% block fields %}
    topic_filter: str = "boxes/+/temperature"
{% endblock %}
{% block constants %}
# The names after AS are those of event.py (tests/infra/test_mqtt_wiring.py compares them).
SELECT = "SELECT encode(*, 'base64') AS data, topic() AS topic, traceid() AS trace_id"
{% endblock %}
{% block resources %}
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # A day: a device that was offline sends again what it does not know to have arrived.
                "IDEMPOTENCY_SECONDS": "86400",
            },
            [
{% include "templates/_partials/asynchronous/statements.py" %}
            ],
        )
{% with longest_wait_seconds = 21600 %}
{% include "templates/_partials/asynchronous/retries.py" %}
{% endwith %}
        self._make_rule(function, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows three.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_throttles_alarm(function))
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where messages lie that could not be delivered or worked on.",
            value=letters.queue_url,
        )
{% endblock %}
{% block methods %}
    def _make_rule(self, function: lambda_.Function, letters: sqs.Queue) -> None:
        # As the stack is called, but a rule's name has no hyphens.
        name = self.stack_name.replace("-", "_")
        # It passes each message on as it is; the rule engine would drop what is no JSON without a word.
        rule = iot.CfnTopicRule(
            self,
            "Rule",
            rule_name=name,
            topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
                description="Passes what devices publish to {{ project_name }}.",
                aws_iot_sql_version="2016-03-23",
                rule_disabled=False,
                sql=f"{SELECT} FROM '{self._deployment.topic_filter}'",
                actions=[
                    iot.CfnTopicRule.ActionProperty(
                        lambda_=iot.CfnTopicRule.LambdaActionProperty(function_arn=function.function_arn),
                    ),
                ],
                # What cannot be handed to Lambda; what Lambda cannot work on goes the same way by itself.
                error_action=iot.CfnTopicRule.ActionProperty(
                    sqs=iot.CfnTopicRule.SqsActionProperty(
                        queue_url=letters.queue_url,
                        role_arn=self._make_rule_role(name, letters).role_arn,
                        use_base64=False,
                    ),
                ),
            ),
        )
        # This rule of this account alone may start the function.
        function.add_permission(
            "RulePermission",
            principal=iam.ServicePrincipal("iot.amazonaws.com"),
            source_account=self.account,
            source_arn=rule.attr_arn,
        )
        cdk.CfnOutput(
            self,
            "TopicFilter",
            description="The topics whose messages are worked on.",
            value=self._deployment.topic_filter,
        )
        cdk.CfnOutput(self, "RuleName", description="The rule that passes the messages on.", value=rule.ref)

    def _make_rule_role(self, rule_name: str, letters: sqs.Queue) -> iam.Role:
        # The rule may keep what it cannot deliver, and do nothing else.
        keeps_letters = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn])
        # By name, because role and rule would otherwise wait for each other.
        rule = self.format_arn(service="iot", resource="rule", resource_name=rule_name)
        return iam.Role(
            self,
            "RuleRole",
            assumed_by=iam.ServicePrincipal(
                "iot.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self.account, "aws:SourceArn": rule}},
            ),
            inline_policies={"rule": iam.PolicyDocument(statements=[keeps_letters])},
        )

{% include "templates/_partials/asynchronous/dead_letters.py" %}
{% include "templates/_partials/idempotency/table.py" %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% endblock %}
