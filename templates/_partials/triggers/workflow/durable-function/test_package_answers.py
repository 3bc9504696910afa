def test_the_package_answers_under_the_real_runtime_client(host_task: Path) -> None:
    begun: dict[str, Any] = {"Id": "execution", "Type": "EXECUTION", "Status": "STARTED"}
    begun |= {"StartTimestamp": 1_767_312_000_000, "ExecutionDetails": {"InputPayload": "{}"}}
    event = {
        "DurableExecutionArn": "arn:aws:lambda:us-east-1:123456789012:function:function:1/durable-execution/run/1",
        "CheckpointToken": "token",
        "InitialExecutionState": {"Operations": [begun], "NextMarker": ""},
    }

    with ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment:
        answer = environment.invoke(event)

    # A good order would call Lambda to save a checkpoint; a bad one ends for good at once.
    assert answer["Status"] == "FAILED"
    assert answer["Error"]["ErrorMessage"].startswith("wrong_shape: ")
