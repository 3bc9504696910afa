    def _make_waiting_alarm(self, queue: sqs.Queue) -> cloudwatch.Alarm:
        # Messages come faster than they are worked on, or one of them fails again and again.
        return cloudwatch.Alarm(
            self,
            "MessagesWait",
            alarm_description="A message of {{ project_name }} has waited for more than {{ old_after_seconds }} s.",
            metric=queue.metric_approximate_age_of_oldest_message(
                statistic="Maximum",
                period=cdk.Duration.minutes(5),
            ),
            threshold={{ old_after_seconds }},
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

