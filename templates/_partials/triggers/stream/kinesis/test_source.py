@pytest.fixture
def moves(stack: Stack) -> Resource:
    """What the function works off; the CDK puts a hash behind the name."""
    [moves] = [one for one in stack.of_type("AWS::Kinesis::Stream") if one.logical_id.startswith("Moves")]
    return moves


def test_the_stream_starts_the_function(stack: Stack, mapping: Resource) -> None:
    source = mapping.properties["EventSourceArn"]

    assert (stack.resources[source.logical_id].type, source.attribute) == ("AWS::Kinesis::Stream", "Arn")


def test_the_stream_grows_by_itself(moves: Resource) -> None:
    assert moves.properties.get("StreamModeDetails") == {"StreamMode": "ON_DEMAND"}, (
        "shards of a fixed number cap a spike: set StreamModeDetails"
    )


def test_the_stream_keeps_no_longer_than_is_free(moves: Resource) -> None:
    hours = moves.properties.get("RetentionPeriodHours")
    assert hours == STREAM_HOLDS_SECONDS // 3600, f"RetentionPeriodHours is {hours}: more than 24 bills, see README"


def test_the_stream_is_encrypted_without_a_key_that_bills(moves: Resource) -> None:
    assert moves.properties.get("StreamEncryption") == {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}, (
        "encrypt it with AWS's own key: set StreamEncryption"
    )
