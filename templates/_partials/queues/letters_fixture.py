@pytest.fixture
def letters(stack: Stack, source: Resource) -> Resource:
    """Where a message goes that cannot be worked on."""
    target = source.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")
    if not isinstance(target, Reference):
        pytest.skip("there is no dead-letter queue, which another test says")
    return stack.resources[target.logical_id]
