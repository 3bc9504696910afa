def test_the_package_answers_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    unknown = {**event, "detail": {**event["detail"], "version": "1"}}

    with (
        ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment,
        pytest.raises(RuntimeError, match="RejectedError"),
    ):
        environment.invoke(unknown)
