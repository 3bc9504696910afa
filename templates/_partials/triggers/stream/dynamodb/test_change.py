@pytest.fixture
def change(event: dict[str, Any]) -> Change:
    """Make a record of a parcel that was somewhere and is somewhere else."""

    def change(number: int, before: str | None, after: str | None, parcel_id: str = "p") -> dict[str, Any]:
        images = {
            name: {"parcel_id": {"S": parcel_id}, "status": {"S": status}}
            for name, status in [("OldImage", before), ("NewImage", after)]
            if status
        }
        place = {"Keys": {"parcel_id": {"S": parcel_id}}, "SequenceNumber": str(number)}
        return {**event["Records"][0], "eventID": f"e-{number}", "dynamodb": {**place, **images}}

    return change
