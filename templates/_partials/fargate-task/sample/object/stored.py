@pytest.fixture(scope="session")
def storage(client: {{ {"dynamodb": "DynamoDBClient", "s3": "S3Client"}[checkpoint] }}) -> S3Client:
    """A client of the S3 beside it, where objects arrive."""
    assert client
    return boto3.client("s3")


@pytest.fixture
def objects(storage: S3Client) -> Iterator[Objects]:
    """The bucket where objects arrive, empty when a test begins."""
    bucket = VARIABLES["OBJECTS"]
    storage.create_bucket(Bucket=bucket)
    storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield Objects(storage, bucket)
    for version in storage.list_object_versions(Bucket=bucket).get("Versions", []):
        storage.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    storage.delete_bucket(Bucket=bucket)


@pytest.fixture
def put(storage: S3Client, objects: Objects) -> Callable[..., Order]:
    """Put an object, and return the order that it is."""
    assert objects

    def put(body: bytes, key: str = VARIABLES["OBJECT_KEY"]) -> Order:
        stored = storage.put_object(Bucket=VARIABLES["OBJECTS"], Key=key, Body=body)
        return Order(run_id=stored["VersionId"], key=key, size=len(body))

    return put
