@pytest.fixture
def start(stack: Stack) -> Resource:
    """What starts runs."""
    rules = [one for one in stack.of_type("AWS::Events::Rule") if SOURCE in one.properties["EventPattern"]["source"]]
    [start] = [rule for rule in rules if "EcsParameters" in rule.properties["Targets"][0]]
    return start


@pytest.fixture
def refused(stack: Stack, letters: Reference) -> Resource:
    """What keeps events for which no run can be started."""
    rules = [one for one in stack.of_type("AWS::Events::Rule") if SOURCE in one.properties["EventPattern"]["source"]]
    [refused] = [rule for rule in rules if rule.properties["Targets"][0]["Arn"] == letters]
    return refused


@pytest.fixture
def first(start: Resource) -> dict[str, Any]:
    """On what and where a run is started."""
    return dict(start.properties["Targets"][0]["EcsParameters"])


@pytest.fixture
def letters(stack: Stack) -> Reference:
    """The dead-letter queue."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return Reference(letters.logical_id, "Arn")


def told(rule: Resource, event: dict[str, Any]) -> str:
    """Return what the task is told of an event: EventBridge puts values in as they are and escapes nothing."""
    transformer = rule.properties["Targets"][0]["InputTransformer"]
    text = str(transformer["InputTemplate"])
    for name, path in transformer["InputPathsMap"].items():
        value: Any = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        text = text.replace(f"<{name}>", str(value))
    return text


def variables(text: str) -> dict[str, str]:
    """Return the variables of what a task is told."""
    [override] = json.loads(text)["containerOverrides"]
    return {variable["name"]: variable["value"] for variable in override["environment"]}


def test_a_run_is_this_task_in_this_cluster_on_the_decided_capacity(
    stack: Stack, start: Resource, first: dict[str, Any], record: dict[str, Any]
) -> None:
    [cluster], [task] = stack.of_type("AWS::ECS::Cluster"), stack.of_type("AWS::ECS::TaskDefinition")
    [target] = start.properties["Targets"]
    [capacity] = first["CapacityProviderStrategy"]

    assert target["Arn"] == Reference(cluster.logical_id, "Arn")
    assert first["TaskDefinitionArn"] == Reference(task.logical_id)
    assert first.get("TaskCount", 1) == 1
    assert capacity["CapacityProvider"] == ("FARGATE_SPOT" if record["task"]["interruptible"] else "FARGATE")


def test_a_task_can_reach_aws(stack: Stack, first: dict[str, Any]) -> None:
    [network] = first["NetworkConfiguration"].values()
    subnets = {Reference(subnet.logical_id) for subnet in stack.of_type("AWS::EC2::Subnet")}

    assert set(network["Subnets"]) == subnets
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_a_start_that_fails_is_tried_again_and_kept(start: Resource, letters: Reference) -> None:
    [target] = start.properties["Targets"]

    assert target.get("DeadLetterConfig", {}).get("Arn") == letters, "EventBridge drops what it cannot start"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == LONGEST_AGE_SECONDS
