    def _make_moves(self) -> kinesis.Stream:
        # It holds the moves for a day, in order for each parcel. It bills by the hour, used or not;
        # docs/adr/{{ record_file }} allows this one.
        return kinesis.Stream(
            self,
            "Moves",
            # On demand it grows by itself; shards of a number that we choose would have to be watched, and cap a spike.
            stream_mode=kinesis.StreamMode.ON_DEMAND,
            # What AWS keeps without a charge of its own.
            retention_period=cdk.Duration.hours(24),
            # AWS's own key is held for nothing; one of ours bills while idle.
            encryption=kinesis.StreamEncryption.MANAGED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

