def test_a_record_is_noticed_within_half_a_minute(outputs: dict[str, str], region: str) -> None:
    name = f"integration-{uuid.uuid4()}"
    move = {"version": 1, "event_id": name, "parcel_id": name, "before": None, "after": "registered"}

    boto3.client("kinesis", region_name=region).put_record(
        StreamName=outputs["StreamName"],
        PartitionKey=name,
        Data=json.dumps(move).encode(),
    )

    assert _is_told(outputs, region, name)
