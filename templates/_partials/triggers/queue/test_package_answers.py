def test_the_package_answers_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    [message] = event["Records"]
    poison = {**message, "body": "no JSON"}

    with ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment:
        answer = environment.invoke({"Records": [poison]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
