def test_the_package_answers_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    about = {**event["requestContext"], "routeKey": "$connect"}
    connects = {**event, "requestContext": about, "queryStringParameters": {"room": "No room!"}}

    with ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment:
        answer = environment.invoke(connects)

    assert answer == {"statusCode": 400}
