{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
{% endblock %}
{% block before_sns %}
from aws_cdk import aws_scheduler as scheduler
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_destinations import SqsDestination
from aws_cdk.aws_scheduler_targets import LambdaInvoke
{% endblock %}
{% block attributes %}
        schedule_expression: When a run is due. rate(...) counts from the deployment, cron(...) is read in the time zone.
        schedule_time_zone: The time zone of a cron(...) expression, as Europe/Berlin; its summer time is heeded.
        is_scheduled: Whether runs are started.
{% endblock %}
{% block fields %}
    schedule_expression: str = "{{ schedule_expression }}"
    schedule_time_zone: str = "UTC"
    is_scheduled: bool = True
{% endblock %}
{% block resources %}
        letters = self._make_dead_letters()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # A day: longer than Scheduler and Lambda try to deliver one start.
                "IDEMPOTENCY_SECONDS": "86400",
            },
            [
{% include "templates/_partials/asynchronous/statements.py" %}
            ],
        )
{% with longest_wait_seconds = start_age_seconds %}
{% include "templates/_partials/asynchronous/retries.py" %}
{% endwith %}
        self._make_schedule(function, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows three.
        self._tell_somebody(self._make_dead_letters_alarm(letters), self._make_throttles_alarm(function))
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where starts lie that could not be delivered or worked on.",
            value=letters.queue_url,
        )
{% endblock %}
{% block methods %}
    def _make_schedule(self, function: lambda_.Function, letters: sqs.Queue) -> None:
        schedule = scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=self.stack_name,
            description="Starts {{ project_name }}.",
            enabled=self._deployment.is_scheduled,
            schedule=scheduler.ScheduleExpression.expression(
                self._deployment.schedule_expression,
                cdk.TimeZone.of(self._deployment.schedule_time_zone),
            ),
{% if flexible_minutes %}
            # Not everybody's runs at the full hour: Scheduler chooses a moment of this window, `due` stays the same.
            time_window=scheduler.TimeWindow.flexible(cdk.Duration.minutes({{ flexible_minutes }})),
{% else %}
            # Runs come too often for a window in which Scheduler may choose the moment.
            time_window=scheduler.TimeWindow.off(),
{% endif %}
            target=LambdaInvoke(
                function,
                # Scheduler fills in when the run was due, the same in every attempt.
                input=scheduler.ScheduleTargetInput.from_object(
                    {"version": 1, "due": scheduler.ContextAttribute.scheduled_time},
                ),
                # Delivery alone; what the function makes of it is tried again by Lambda.
                max_event_age=cdk.Duration.seconds({{ start_age_seconds }}),
                retry_attempts=10,
                dead_letter_queue=letters,
                # By itself the CDK would let Scheduler start every version of the function.
                role=self._make_schedule_role(function, letters).without_policy_updates(),
            ),
        )
        cdk.CfnOutput(
            self,
            "ScheduleName",
            description="The schedule that starts the runs.",
            value=schedule.schedule_name,
        )

    def _make_schedule_role(self, function: lambda_.Function, letters: sqs.Queue) -> iam.Role:
        # Scheduler may start this one function and keep what it cannot deliver, and do nothing else.
        starts_runs = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function.function_arn])
        keeps_letters = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn])
        group = self.format_arn(service="scheduler", resource="schedule-group", resource_name="default")
        return iam.Role(
            self,
            "ScheduleRole",
            # Only for schedules of this account; Scheduler names the group, not the schedule.
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self.account, "aws:SourceArn": group}},
            ),
            inline_policies={"schedule": iam.PolicyDocument(statements=[starts_runs, keeps_letters])},
        )

{% include "templates/_partials/asynchronous/dead_letters.py" %}
{% include "templates/_partials/idempotency/table.py" %}
{% include "templates/_partials/alarms/dead_letters.py" %}
{% endblock %}
