        cdk.CfnOutput(
            self,
            "TableName",
            description="Where parcels are written; each change of one starts the function.",
            value=parcels.table_name,
        )
