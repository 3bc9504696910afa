@pytest.fixture
def logged(outputs: dict[str, str], region: str) -> Logged:
    """Read from the function's log the lines with some words; a line takes some seconds to come."""
    logs = boto3.client("logs", region_name=region)

    def logged(words: str) -> list[dict[str, Any]]:
        group = f"/aws/lambda/{outputs['FunctionName']}"
        found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{words}"')
        return [json.loads(line["message"]) for line in found["events"]]

    return logged
