            # For good: Lambda takes it only when a function is created.
            durable_config=lambda_.DurableConfig(
                # Of a whole run, twice the slowest and an hour; a run that hangs ends.
                execution_timeout=cdk.Duration.seconds({{ workflow_timeout_seconds }}),
                # As long the history of a run that ended can be read. It bills its few bytes.
                retention_period=cdk.Duration.days(14),
            ),
            # Lambda puts the order of a run here that failed, was stopped or timed out.
            dead_letter_queue=letters,
            # A run that is at work needs the version that it began on.
            current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
