    def _make_idempotency_table(self) -> dynamodb.Table:
        # It remembers what was done, because the source delivers at least once. It bills per write and its few bytes.
        table = dynamodb.Table(
            self,
            "Idempotency",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expiration",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(table).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A record is worth nothing once its time to live is over; there is nothing to restore.",
            ),
        )
        return table

