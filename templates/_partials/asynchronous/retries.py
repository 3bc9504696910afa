        function.configure_async_invoke(
            # After one minute and after two more; what has waited longer than this is kept as a dead letter untried.
            retry_attempts=2,
            max_event_age=cdk.Duration.seconds({{ longest_wait_seconds }}),
            on_failure=SqsDestination(letters),
        )
