def test_a_dead_letter_outlives_the_message_that_it_was(source: Resource, letters: Resource) -> None:
    """It keeps the age of the message, so an equal retention could end on the day of its arrival."""
    kept, lived = (queue.properties["MessageRetentionPeriod"] for queue in (letters, source))

    assert kept > lived, f"keep dead letters for longer than {lived} s"


def test_the_dead_letter_queue_takes_letters_of_this_queue_alone(source: Resource, letters: Resource) -> None:
    allowed = letters.properties.get("RedriveAllowPolicy", {})

    assert allowed.get("redrivePermission") == "byQueue", "any queue of the account could fill it"
    assert [arn.rpartition(":")[2] for arn in allowed["sourceQueueArns"]] == [source.properties["QueueName"]]


def test_every_queue_is_encrypted_without_a_key_that_bills(stack: Stack) -> None:
    plain = [
        queue.logical_id for queue in stack.of_type(QUEUES) if queue.properties.get("SqsManagedSseEnabled") is not True
    ]

    assert not plain, f"set SqsManagedSseEnabled for {plain}"


def test_somebody_is_told_of_dead_letters(stack: Stack, letters: Resource) -> None:
    dimension = {"Name": "QueueName", "Value": Reference(letters.logical_id, "QueueName")}
    watched = [
        alarm.properties["Threshold"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if dimension in alarm.properties.get("Dimensions", [])
    ]

    assert watched == [1], "one alarm on the dead-letter queue that one message sets off"
