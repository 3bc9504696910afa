@pytest.fixture
def kill_at(client: {{ {"dynamodb": "DynamoDBClient", "s3": "S3Client"}[checkpoint] }}{% if event_source == "object" %}, storage: S3Client{% endif %}) -> Iterator[Callable[[int], None]]:
    """Kill the task at its n-th moment: before and after each call of AWS is one. None is left once a kill happened."""
    left: list[int] = []

    def moment(**_: object) -> None:
        if left:
            left[0] -= 1
            if left[0] == 0:
                left.clear()
                raise KilledError

{% if event_source == "object" %}
    for name in ("before-call.*", "after-call.*"):
        client.meta.events.register(name, moment)
        storage.meta.events.register(name, moment)
{% else %}
    events = client.meta.events
    for name in ("before-call.*", "after-call.*"):
        events.register(name, moment)
{% endif %}

    def kill_at(number: int) -> None:
        left[:] = [number]

    yield kill_at
{% if event_source == "object" %}
    for name in ("before-call.*", "after-call.*"):
        client.meta.events.unregister(name, moment)
        storage.meta.events.unregister(name, moment)
{% else %}
    for name in ("before-call.*", "after-call.*"):
        events.unregister(name, moment)
{% endif %}
