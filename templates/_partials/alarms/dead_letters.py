    def _make_dead_letters_alarm(self, letters: sqs.Queue) -> cloudwatch.Alarm:
        # Something could not be worked on, however often it was tried; somebody has to look at it.
        return cloudwatch.Alarm(
            self,
            "DeadLettersArrived",
            alarm_description="Something that {{ project_name }} could not work on lies in its dead-letter queue.",
            metric=letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

