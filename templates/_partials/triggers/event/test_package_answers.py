def test_the_package_rejects_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    environment = ExecutionEnvironment(host_task, HANDLER, VARIABLES)

    with environment, pytest.raises(RuntimeError, match="RejectedError"):
        environment.invoke({**event, "detail": {"version": 2}})
