def test_the_package_answers_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    [record] = event["Records"]
    poison = {**record, "eventVersion": "2.0"}

    with ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment:
        answer = environment.invoke({"Records": [poison]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": {{ 'record["kinesis"]["sequenceNumber"]' if kinesis else '"111"' }}}]}
