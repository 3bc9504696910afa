@pytest.fixture
def records() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the table holds, item by item; it is empty when a test begins."""
    client = boto3.client("dynamodb")
    client.create_table(
        TableName=_NAME,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield lambda: [dict(item) for item in client.scan(TableName=_NAME)["Items"]]
    client.delete_table(TableName=_NAME)
