def test_what_fails_for_good_is_kept(stack: Stack, letters: Resource) -> None:
    [retries] = stack.of_type("AWS::Lambda::EventInvokeConfig")
    target = retries.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")

    kept = Reference(letters.logical_id, "Arn")
    assert target == kept, "Lambda drops a call that failed three times: set DestinationConfig.OnFailure"
    assert letters.properties.get("MessageRetentionPeriod", 0) == LONGEST_RETENTION_SECONDS


def test_a_failed_call_is_tried_again_and_not_for_ever(stack: Stack) -> None:
    [retries] = stack.of_type("AWS::Lambda::EventInvokeConfig")

    assert retries.properties["MaximumRetryAttempts"] in {1, 2}
    assert retries.properties["MaximumEventAgeInSeconds"] <= LONGEST_AGE_SECONDS


def test_the_role_may_keep_what_failed(stack: Stack, letters: Resource) -> None:
    [function] = stack.of_type("AWS::Lambda::Function")
    role = stack.resources[function.properties["Role"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]

    allowed = [one["Resource"] for one in statements if one["Action"] == "sqs:SendMessage"]

    kept = Reference(letters.logical_id, "Arn")
    assert allowed == [kept], "Lambda sends dead letters with the function's role: allow sqs:SendMessage"


def test_the_dead_letter_queue_is_encrypted_without_a_key_that_bills(letters: Resource) -> None:
    assert letters.properties.get("SqsManagedSseEnabled") is True


def test_somebody_is_told_of_dead_letters(stack: Stack, letters: Resource) -> None:
    queue = {"Name": "QueueName", "Value": Reference(letters.logical_id, "QueueName")}
    alarms = stack.of_type("AWS::CloudWatch::Alarm")

    thresholds = [alarm.properties["Threshold"] for alarm in alarms if queue in alarm.properties.get("Dimensions", [])]

    assert thresholds == [1], "one alarm on the dead-letter queue that one message sets off"


def test_records_of_idempotency_end(stack: Stack) -> None:
    endless = [
        table.logical_id
        for table in stack.of_type("AWS::DynamoDB::Table")
        if table.properties.get("TimeToLiveSpecification", {}).get("Enabled") is not True
    ]

    assert not endless, f"{endless} would grow, and bill, for ever: set TimeToLiveSpecification"
