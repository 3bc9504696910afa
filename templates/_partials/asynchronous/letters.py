# What SQS keeps, and what Lambda tries, at most.
LONGEST_RETENTION_SECONDS = 14 * 86_400
LONGEST_AGE_SECONDS = 6 * 3_600


@pytest.fixture
def letters(stack: Stack) -> Resource:
    """Where what failed for good is kept."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return letters

