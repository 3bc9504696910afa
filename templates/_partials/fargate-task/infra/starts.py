def test_whoever_starts_tasks_may_start_this_one_and_nothing_else(stack: Stack, letters: Reference) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    roles = [task.properties["TaskRoleArn"], task.properties["ExecutionRoleArn"]]
    starters = [one for one in stack.of_type("AWS::IAM::Role") if Reference(one.logical_id, "Arn") not in roles]

    for role in starters:
        [policy] = role.properties["Policies"]
        allowed = {one["Action"]: one for one in policy["PolicyDocument"]["Statement"]}
        assert set(allowed) == {"ecs:RunTask", "ecs:TagResource", "iam:PassRole", "sqs:SendMessage"}
        assert allowed["ecs:RunTask"]["Resource"] == Reference(task.logical_id)
        assert "ecs:cluster" in allowed["ecs:RunTask"]["Condition"]["ArnEquals"]
        assert allowed["iam:PassRole"]["Resource"] == roles
        assert allowed["sqs:SendMessage"]["Resource"] == letters


def test_only_this_account_takes_the_starters_roles(stack: Stack) -> None:
    conditions = [
        statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        for role in stack.of_type("AWS::IAM::Role")
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]
    ]

    assert set(conditions) == {"123456789012"}
{% if decision.task.interruptible %}


@pytest.fixture
def restart(stack: Stack) -> Resource:
    """What starts again what Spot took back."""
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [restart] = [rule for rule in ended if "EcsParameters" in rule.properties["Targets"][0]]
    return restart


@pytest.mark.parametrize("code", ["SpotInterruption", "TaskFailedToStart"])
def test_what_spot_took_back_is_started_again_once_and_is_no_failure(
    code: str, stack: Stack, restart: Resource, letters: Reference
) -> None:
    ended = [one for one in stack.of_type("AWS::Events::Rule") if "aws.ecs" in one.properties["EventPattern"]["source"]]
    [failures] = [rule for rule in ended if rule.properties["Targets"][0]["Arn"] == letters]
    detail = {
        "clusterArn": restart.properties["EventPattern"]["detail"]["clusterArn"][0],
        "lastStatus": "STOPPED",
        "stopCode": code,
        "containers": [{"exitCode": 143}],
    }
    event = {"source": "aws.ecs", "detail-type": "ECS Task State Change"}
    taken_back = {**event, "detail": {**detail, "capacityProviderName": "FARGATE_SPOT"}}
    started_again = {**event, "detail": {**detail, "capacityProviderName": "FARGATE"}}

    assert matches(restart.properties["EventPattern"], taken_back)
    assert not matches(failures.properties["EventPattern"], taken_back)
    assert not matches(restart.properties["EventPattern"], started_again), "it would be started for ever"


def test_what_is_started_again_is_the_same_run_where_nobody_takes_it_back(
    restart: Resource, first: dict[str, Any], letters: Reference
) -> None:
    [target] = restart.properties["Targets"]
    parameters = target["EcsParameters"]
    [network], [first_network] = (one["NetworkConfiguration"].values() for one in (parameters, first))

    assert target["InputTransformer"] == {
        "InputPathsMap": {"overrides": "$.detail.overrides.containerOverrides"},
        "InputTemplate": '{"containerOverrides": <overrides>}',
    }
    assert [item["CapacityProvider"] for item in parameters["CapacityProviderStrategy"]] == ["FARGATE"]
    assert parameters["TaskDefinitionArn"] == first["TaskDefinitionArn"]
    assert network == first_network
    assert target["DeadLetterConfig"]["Arn"] == letters
{% endif %}
