def test_a_change_is_noticed_within_half_a_minute(outputs: dict[str, str], region: str) -> None:
    tables = boto3.client("dynamodb", region_name=region)
    parcel_id = f"integration-{uuid.uuid4()}"
    tables.put_item(
        TableName=outputs["TableName"],
        Item={"parcel_id": {"S": parcel_id}, "status": {"S": "registered"}},
    )

    try:
        assert _is_told(outputs, region, parcel_id)
    finally:
        tables.delete_item(TableName=outputs["TableName"], Key={"parcel_id": {"S": parcel_id}})
