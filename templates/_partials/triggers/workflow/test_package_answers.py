def test_the_package_answers_under_the_real_runtime_client(host_task: Path, event: dict[str, Any]) -> None:
    with ExecutionEnvironment(host_task, HANDLER, VARIABLES) as environment:
        answer = environment.invoke(event)

    assert [chunk["stop"] for chunk in answer["chunks"]] == [100, 200, 250]
