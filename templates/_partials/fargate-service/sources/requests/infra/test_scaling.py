{% extends "templates/_partials/fargate-service/sources/connections/infra/test_scaling.py" %}
{% block what %}requests{% endblock %}

{% block somebody %}requests come{% endblock %}

{% block per_task %}
@pytest.fixture(scope="session")
def variables(stack: Stack) -> dict[str, Any]:
    """What a task is told."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.fixture(scope="session")
def per_task(variables: dict[str, Any]) -> int:
    """The requests that one task has at most, with those that wait in it."""
    return int(variables["TAKEN_AT_MOST"])
{% endblock %}

{% block peak %}
def test_ten_times_the_peak_fits_under_the_maximum(
    target: Resource, variables: dict[str, Any], record: dict[str, Any], answers: dict[str, Any]
) -> None:
    spike = SPIKE * record["peak_concurrency"]
    # What the work calls may take less than a spike: an answer that docs/adr/{{ record_file }} names.
    needed = math.ceil(min(spike, answers["downstream_concurrency"] or spike) / int(variables["AT_ONCE"]))

    assert target.properties["MaxCapacity"] >= needed, f"{needed} tasks answer ten times the peak: allow as many"


def test_requests_wait_in_a_task_until_there_are_more_as_far_as_memory_has_room(
    variables: dict[str, Any], record: dict[str, Any]
) -> None:
    taken, body_bytes = int(variables["TAKEN_AT_MOST"]), int(variables["MAX_BODY_BYTES"])
    memory_bytes = record["size"]["memory_mib"] * 1_048_576
    # Each body is there twice while it is read, and the process needs room, too.
    room = int(0.7 * memory_bytes / (2 * body_bytes))

    # A spike comes at once, and another task takes a minute.
    assert taken >= max(1, min(SPIKE * int(variables["AT_ONCE"]), room)), "most of a spike would be refused"
    assert taken == 1 or taken * 2 * body_bytes <= memory_bytes, "callers could fill the memory of a task"


@pytest.mark.parametrize("times", [1, 3, 10, 100])
def test_a_spike_is_met_within_minutes_and_not_beyond_what_it_takes(
    times: int, rules: list[Rule], target: Resource, fewest: int, variables: dict[str, Any]
) -> None:
    spike, most = times * int(variables["AT_ONCE"]), int(variables["TAKEN_AT_MOST"])
    tasks, rounds = fewest, 0
    # A task has no more than it takes, so more than that is never counted.
    while (more := count(rules, target, tasks, min(spike, tasks * most), processor=10)) > tasks:
        tasks, rounds = more, rounds + 1

    assert tasks >= min(times, target.properties["MaxCapacity"]), "requests wait and no more tasks are started"
    assert tasks <= max(4 * times, fewest)
    # Where memory has room for few requests, less is seen of a spike.
    bound = 3 if most > 1.4 * int(variables["AT_ONCE"]) else 8
    assert rounds <= bound, f"{rounds} steps of some minutes each are too many"
{% endblock %}

{% block little %}0.01{% endblock %}

