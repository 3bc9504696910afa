def _until_nothing_runs(cluster: str, region: str) -> None:
    """Wait for a task that has begun after this, and for its end."""
    tasks = boto3.client("ecs", region_name=region)
    deadline = time.monotonic() + PATIENCE_SECONDS
    has_begun = False
    while time.monotonic() < deadline:
        running = tasks.list_tasks(cluster=cluster)["taskArns"]
        if has_begun and not running:
            return
        has_begun = has_begun or bool(running)
        time.sleep(2)
    pytest.fail(f"the run did not {'end' if has_begun else 'begin'} in {PATIENCE_SECONDS} s")
