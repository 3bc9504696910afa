    def _make_results_table(self) -> dynamodb.Table:
        # What was ordered and what came of it, so that it is made once. It bills per write and its few bytes.
        table = dynamodb.Table(
            self,
            "Results",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="forecast_id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expires_at",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(table).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="A result is kept for two weeks; whoever needs it for longer reads it before.",
            ),
        )
        cdk.CfnOutput(self, "ResultsTable", description="What came of each message.", value=table.table_name)
        return table
