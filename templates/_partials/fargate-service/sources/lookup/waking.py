{% extends "templates/_partials/fargate-service/sources/http/waking.py" %}
{% block more_modules %}
from aws_cdk import aws_logs as logs
{% if protocol == "tcp" %}
from front import PORT
{% endif %}
{% endblock %}
{% block typing %}{% endblock %}
{% block front %}The name whose record it writes{% endblock %}
{% block when %}when its name is looked up, and puts it to sleep when nobody {{ "sends" if protocol == "udp" else "is connected" }}{% endblock %}

{% block told %}
            "NAME": front.name,
            "ZONE": front.zone.ref,
{% if protocol == "tcp" %}
            "PORT": str(PORT),
{% endif %}
{% endblock %}

{% block more_telling %}
    _tell_of_look_ups(stack, function, front)
    cdk.CfnOutput(stack, "WakingName", description="What wakes the service.", value=function.function_name)
{% endblock %}

{% block of_role %}, front{% endblock %}

{% block role %}
def _tell_of_look_ups(stack: cdk.Stack, function: lambda_.Function, front: Front) -> None:
    may_call = lambda_.CfnPermission(
        stack,
        "OfQueries",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="logs.amazonaws.com",
        source_arn=front.queries.log_group_arn,
        source_account=stack.account,
    )
    look_ups = logs.CfnSubscriptionFilter(
        stack,
        "LookUps",
        log_group_name=front.queries.log_group_name,
        destination_arn=function.function_arn,
        # Only for addresses. That it is this name the function sees: resolvers write it in capitals as they like.
        filter_pattern='[version, time, zone, name, type = "A", ...]',
    )
    look_ups.node.add_dependency(may_call)


def _make_role(
    stack: cdk.Stack, table: dynamodb.Table, service: ecs.CfnService, group: logs.LogGroup, front: Front
) -> iam.Role:
    tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{stack.stack_name}/*")
    cluster = stack.format_arn(service="ecs", resource="cluster", resource_name=stack.stack_name)
    zone = f"arn:{stack.partition}:route53:::hostedzone/{front.zone.ref}"
{% endblock %}

{% block reads %}
                    # This one zone, and of it the addresses of the one name.
                    iam.PolicyStatement(
                        actions=["route53:ChangeResourceRecordSets"],
                        resources=[zone],
                        conditions={
                            "ForAllValues:StringEquals": {
                                "route53:ChangeResourceRecordSetsNormalizedRecordNames": [front.name],
                                "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
                            },
                        },
                    ),
                    iam.PolicyStatement(actions=["ecs:DescribeTasks"], resources=[tasks]),
                    # AWS knows no resource that these could be narrowed to; the tasks of this cluster alone are listed.
                    iam.PolicyStatement(
                        actions=["ecs:ListTasks"],
                        resources=["*"],
                        conditions={"ArnEquals": {"ecs:cluster": cluster}},
                    ),
                    iam.PolicyStatement(
                        actions=["cloudwatch:GetMetricData", "ec2:DescribeNetworkInterfaces"],
                        resources=["*"],
                    ),
{% endblock %}
{% block why_all %}To read metrics and addresses is a right on all of them: AWS offers nothing narrower.{% endblock %}
{% block more_reasons %}
        cdk.Acknowledgment(
            id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{named}]",
            reason="A task has a name only once it is started; these are the tasks of the service's own cluster.",
        ),
{% endblock %}
{% block before_reasons %}
    named = f"arn:<AWS::Partition>:ecs:{stack.region}:<AWS::AccountId>:task/{stack.stack_name}/*"
{% endblock %}
{% block statuses %}"RUNNING", "DEACTIVATING", "STOPPED"{% endblock %}
