@pytest.fixture
def kill_at(client: {{ {"dynamodb": "DynamoDBClient", "s3": "S3Client"}[checkpoint] }}) -> Iterator[Callable[[int], None]]:
    """Kill the task at its n-th moment: before and after each call of AWS is one. None is left once a kill happened."""
    left: list[int] = []

    def moment(**_: object) -> None:
        if left:
            left[0] -= 1
            if left[0] == 0:
                left.clear()
                raise KilledError

    events = client.meta.events
    for name in ("before-call.*", "after-call.*"):
        events.register(name, moment)

    def kill_at(number: int) -> None:
        left[:] = [number]

    yield kill_at
    for name in ("before-call.*", "after-call.*"):
        events.unregister(name, moment)
