    def _make_queues(self) -> tuple[sqs.Queue, sqs.Queue]:
        name = f"{self.stack_name}-messages"
        # It keeps what could not be worked on until a person has looked at it and sent it back or dropped it.
        letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.stack_name}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # The longest there is; it counts from when the message was first sent.
            retention_period=cdk.Duration.days(14),
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                # By name, because each queue would otherwise wait for the other one to exist.
                source_queues=[sqs.Queue.from_queue_arn(self, "Source", self.format_arn(service="sqs", resource=name))],
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        # It holds every message until it is done, so senders never wait for the {{ what_runs }}.
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # {{ why_hidden }}
            visibility_timeout=cdk.Duration.seconds({{ hidden_seconds }}),
            retention_period=cdk.Duration.days(4),
            # A receive without a message waits this long, so that asking an empty queue costs little.
            receive_message_wait_time=cdk.Duration.seconds(20),
            # {{ why_receives }}
            dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=5),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        for each in (queue, letters):
            cdk.Validations.of(each).acknowledge(
                cdk.Acknowledgment(
                    id="AwsSolutions::AwsSolutions-SQS4",
                    reason="Whoever calls it is of this account and signs with IAM; every SDK does so over TLS.",
                ),
            )
        cdk.Validations.of(letters).acknowledge(
            cdk.Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason="It is the end of the line."),
        )
        cdk.CfnOutput(
            self,
            "QueueUrl",
            description="Where messages are sent; a sender needs sqs:SendMessage on this queue.",
            value=queue.queue_url,
        )
        cdk.CfnOutput(
            self,
            "DeadLettersUrl",
            description="Where messages lie that could not be worked on.",
            value=letters.queue_url,
        )
        return letters, queue

