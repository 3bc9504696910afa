        cdk.CfnOutput(
            self,
            "StreamName",
            description="Where the moves of parcels are put, each under its parcel as the partition key.",
            value=moves.stream_name,
        )
