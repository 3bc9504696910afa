    def _start_by_the_clock(self, workflow: {{ {"step-functions": "stepfunctions.StateMachine", "durable-function": "lambda_.Alias"}[orchestration] }}, letters: sqs.Queue) -> None:
        # Runs share nothing, so one that outlasts the interval harms no other.
        starts_runs = iam.PolicyStatement(actions=["{{ {"step-functions": "states:StartExecution", "durable-function": "lambda:InvokeFunction"}[orchestration] }}"], resources=[workflow.{{ {"step-functions": "state_machine_arn", "durable-function": "function_arn"}[orchestration] }}])
        keeps_failed_starts = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn])
        role = iam.Role(
            self,
            "ScheduleRole",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            ),
            inline_policies={"schedule": iam.PolicyDocument(statements=[starts_runs, keeps_failed_starts])},
        )
        scheduler.Schedule(
            self,
            "ScheduledRun",
            schedule_name=f"{self.stack_name}-run",
            schedule=SCHEDULE,
            # A run of many minutes does not mind when exactly it starts.
            time_window=scheduler.TimeWindow.flexible(cdk.Duration.minutes(5)),
            target=targets.{{ {"step-functions": "StepFunctionsStartExecution", "durable-function": "LambdaInvoke"}[orchestration] }}(
                workflow,
                role=role.without_policy_updates(),
                input=scheduler.ScheduleTargetInput.from_object(SCHEDULED_ORDER),
                retry_attempts=10,
                max_event_age=cdk.Duration.hours(1),
                dead_letter_queue=letters,
            ),
        )

