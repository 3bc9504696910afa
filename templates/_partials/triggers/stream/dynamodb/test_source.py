def test_the_stream_of_the_table_starts_the_function(stack: Stack, mapping: Resource) -> None:
    source = mapping.properties["EventSourceArn"]
    table = stack.resources[source.logical_id]

    assert (table.type, source.attribute) == ("AWS::DynamoDB::Table", "StreamArn")
    view = table.properties.get("StreamSpecification", {}).get("StreamViewType")
    assert view == "NEW_AND_OLD_IMAGES", "the handler compares what was with what is"
