    def _make_parcels(self) -> dynamodb.Table:
        # It tells of each change, in order for each parcel. On demand; Lambda reads its stream for nothing.
        parcels = dynamodb.Table(
            self,
            "Parcels",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            partition_key=dynamodb.Attribute(name="parcel_id", type=dynamodb.AttributeType.STRING),
            # What it was and what it is: the function reads no table to know what changed.
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(parcels).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions::AwsSolutions-DDB3",
                reason="It ends with the stack. Turn recovery on before it holds what nobody can write again.",
            ),
        )
        return parcels

