@pytest.fixture
def put(event: dict[str, Any]) -> Put:
    """Make a record of the bytes that a sender put on the stream."""
    [record] = event["Records"]

    def put(number: int, data: bytes) -> dict[str, Any]:
        passed_on = {"sequenceNumber": str(number), "data": base64.b64encode(data).decode()}
        return {**record, "kinesis": {**record["kinesis"], **passed_on}}

    return put


@pytest.fixture
def change(put: Put) -> Change:
    """Make a record of a parcel that was somewhere and is somewhere else."""

    def change(number: int, before: str | None, after: str | None, parcel_id: str = "p") -> dict[str, Any]:
        move = {"version": 1, "event_id": f"e-{number}", "parcel_id": parcel_id, "before": before, "after": after}
        return put(number, json.dumps(move).encode())

    return change
