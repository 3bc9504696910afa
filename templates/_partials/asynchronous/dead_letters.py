    def _make_dead_letters(self) -> sqs.Queue:
        # It keeps what could not be delivered or worked on until a person has looked at it.
        letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.stack_name}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # The longest there is.
            retention_period=cdk.Duration.days(14),
            # It is a destination; no queue of the account may make it its own.
            redrive_allow_policy=sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        end_of_the_line = "It is where what failed ends; nothing takes from it but people."
        cdk.Validations.of(letters).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-SQS4",
                reason="Whoever calls it is of this account or AWS itself and signs with IAM; every SDK does so over TLS.",
            ),
            cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason=end_of_the_line),
            cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason=end_of_the_line),
        )
        return letters

