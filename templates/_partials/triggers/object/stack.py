{% extends "templates/_partials/iac/cdk/stack.py" %}
{% block before_iam %}
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
{% endblock %}
{% block before_sns %}
from aws_cdk import aws_s3 as s3
{% endblock %}
{% block after_sns %}
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_lambda_destinations import SqsDestination
{% endblock %}
{% block attributes %}
        object_retention_days: How long objects are kept. At least as long as a dead letter that names one (14 days).
{% endblock %}
{% block fields %}
    object_retention_days: int = 90
{% endblock %}
{% block resources %}
        letters = self._make_dead_letters()
        bucket = self._make_bucket()
        table = self._make_idempotency_table()
        function = self._make_function(
            {
                "IDEMPOTENCY_TABLE": table.table_name,
                # Fourteen days, as long as an event can lie in the dead-letter queue before somebody sends it back.
                "IDEMPOTENCY_SECONDS": "1209600",
                # A line is a parcel of a few dozen bytes. What has no line ends would otherwise fill the memory.
                "MAX_LINE_BYTES": "65536",
            },
            [
                iam.PolicyStatement(
                    actions=["s3:GetObject", "s3:GetObjectVersion"],
                    resources=[bucket.arn_for_objects("*")],
                ),
{% include "templates/_partials/asynchronous/statements.py" %}
            ],
        )
        cdk.Validations.of(self.node.find_child("FunctionRole")).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::<{self.get_logical_id(bucket.node.default_child)}.Arn>/*]",
                reason="Every object of this one bucket is for the function to read.",
            ),
        )
{% with longest_wait_seconds = 21600 %}
{% include "templates/_partials/asynchronous/retries.py" %}
{% endwith %}
        self._make_rule(bucket, function, letters)
        # Alarms bill $0.10 a month each, idle or not; docs/adr/{{ record_file }} allows these three.
        self._tell_somebody(
            self._make_dead_letters_alarm(letters),
            self._make_waiting_alarm(function),
            self._make_throttles_alarm(function),
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where the events lie that could not be worked on.",
            value=letters.queue_url,
        )
        cdk.CfnOutput(
            self,
            "IdempotencyTable",
            description="What was done already, by object and version.",
            value=table.table_name,
        )
{% endblock %}
{% block methods %}
    def _make_bucket(self) -> s3.Bucket:
        # Where objects arrive. It bills for what it stores, and lets EventBridge tell of each object.
        bucket = s3.Bucket(
            self,
            "Bucket",
            # An event names one version, which stays what it was even if the key is written again before it is read.
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="nothing-stays-for-ever",
                    expiration=cdk.Duration.days(self._deployment.object_retention_days),
                    # A dead letter names a version and lies for 14 days.
                    noncurrent_version_expiration=cdk.Duration.days(15),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                ),
                s3.LifecycleRule(id="nor-what-marks-a-deletion", expired_object_delete_marker=True),
            ],
            # CloudFormation deletes an empty bucket only: `make destroy` empties it first.
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        # With `event_bridge_enabled` the CDK would deploy a function of its own to say this one thing.
        bucket.node.default_child.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True),
        )
        cdk.Validations.of(bucket).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-S1",
                reason="Access logs are a second bucket that grows; CloudTrail data events say more where they are needed.",
            ),
        )
        cdk.CfnOutput(
            self,
            "BucketName",
            description="Where objects are put; a sender needs s3:PutObject on it.",
            value=bucket.bucket_name,
        )
        return bucket

    def _make_rule(self, bucket: s3.Bucket, function: lambda_.Function, letters: sqs.Queue) -> None:
        events.Rule(
            self,
            "ObjectCreated",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [bucket.bucket_name]}},
            ),
            targets=[
                LambdaFunction(
                    function,
                    # For events that the rule cannot hand to Lambda at all; what fails is tried again by Lambda.
                    max_event_age=cdk.Duration.hours(24),
                    retry_attempts=185,
                    # The queue lets in what this rule could not deliver: EventBridge has no role to send it with.
                    dead_letter_queue=letters,
                ),
            ],
        )

{% include "templates/_partials/asynchronous/dead_letters.py" %}
{% include "templates/_partials/idempotency/table.py" %}
{% include "templates/_partials/alarms/dead_letters.py" %}
    def _make_waiting_alarm(self, function: lambda_.Function) -> cloudwatch.Alarm:
        # Objects come faster than Lambda finds environments for them, or one of them fails again and again.
        return cloudwatch.Alarm(
            self,
            "EventsWait",
            alarm_description="An object of {{ project_name }} has waited for more than ten minutes.",
            metric=function.metric("AsyncEventAge", statistic="Maximum", period=cdk.Duration.minutes(5)),
            # Milliseconds; an event that fails is tried for the last time after three minutes.
            threshold=600_000,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

{% endblock %}
