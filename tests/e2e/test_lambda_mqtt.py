"""A topic rule and its function, rendered, built and deployed unchanged to the local AWS emulator, and used.

Not shown here, because the emulator lacks it: Lambda trying an event of a rule again, and the rule assuming
its role. It hands a message to a function without waiting, so its error action is seen with an action that
fails at once.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from rendering import EXAMPLES

from e2e import probe
from e2e.deployment import FEW_INFRASTRUCTURES, Deployment, build_service, deployed
from e2e.state import leftovers, log_lines, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

PATIENCE_SECONDS = 60
MEASURED = {"version": 1, "celsius": 4.5}


@pytest.fixture(scope="module", params=FEW_INFRASTRUCTURES)
def boxes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("mqtt") / "cold-boxes"
    build_service(folder, EXAMPLES["mqtt"], request.param)
    return folder


@pytest.fixture(scope="module")
def deployment(boxes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(boxes, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


def test_published_message_is_judged(deployment: Deployment) -> None:
    publish(deployment, "plain", MEASURED)

    assert eventually(lambda: judged(deployment, "plain") == ["kept"])


def test_message_with_an_id_that_comes_twice_is_judged_once(deployment: Deployment) -> None:
    message = {**MEASURED, "message_id": "m-1"}
    publish(deployment, "twice", message)
    assert eventually(lambda: judged(deployment, "twice") == ["kept"])

    publish(deployment, "twice", message)
    publish(deployment, "twice", {**message, "message_id": "m-2", "celsius": 9})

    assert eventually(lambda: judged(deployment, "twice") == ["kept", "too_warm"])


def test_message_without_an_id_is_judged_as_often_as_it_comes(deployment: Deployment) -> None:
    for _ in range(2):
        publish(deployment, "nameless", MEASURED)

    assert eventually(lambda: judged(deployment, "nameless") == ["kept", "kept"])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param(b"no JSON", "not_json", id="wrong JSON"),
        pytest.param(b"\xff\x00\xfe", "not_json", id="bytes"),
        pytest.param(b"", "not_json", id="empty"),
        pytest.param({"version": 1}, "wrong_shape", id="missing field"),
        pytest.param({**MEASURED, "celsius": 10**400}, "wrong_shape", id="huge number"),
        pytest.param({**MEASURED, "version": 2}, "unknown_version", id="unknown version"),
        pytest.param({**MEASURED, "celsius": 1000}, "implausible", id="implausible"),
    ],
)
def test_poison_is_rejected_with_a_reason_and_stops_nobody(
    deployment: Deployment, payload: object, reason: str
) -> None:
    before = len(rejected(deployment))
    publish(deployment, "poison", payload)
    assert eventually(lambda: rejected(deployment)[before:] == [reason])

    publish(deployment, f"after-{reason}", MEASURED)

    assert eventually(lambda: "kept" in judged(deployment, f"after-{reason}"))


def test_other_topics_are_not_for_this_function(deployment: Deployment) -> None:
    broker(deployment).publish(topic="boxes/other/humidity", payload=json.dumps(MEASURED))
    publish(deployment, "other", MEASURED)

    assert eventually(lambda: judged(deployment, "other") == ["kept"])
    assert "boxes/other/humidity" not in {line.get("topic") for line in lines(deployment)}


def test_what_the_rule_cannot_deliver_lies_in_the_dead_letter_queue(deployment: Deployment) -> None:
    """The rule keeps its error action as deployed, and gets an action that cannot succeed."""
    rules, name = deployment.account.client("iot"), told(deployment)["RuleName"]
    rule = rules.get_topic_rule(ruleName=name)["rule"]
    whole = {key: rule[key] for key in ("sql", "actions", "errorAction", "awsIotSqlVersion")}
    nowhere = {"sqs": {"queueUrl": f"{told(deployment)['DeadLettersUrl']}-missing", "roleArn": role(rule)}}

    rules.replace_topic_rule(ruleName=name, topicRulePayload={**whole, "actions": [nowhere]})
    try:
        publish(deployment, "lost", MEASURED)
        letter = received(deployment)
    finally:
        rules.replace_topic_rule(ruleName=name, topicRulePayload=whole)

    assert (letter["ruleName"], letter["topic"]) == (name, "boxes/lost/temperature")
    assert json.loads(base64.b64decode(letter["base64OriginalPayload"])) == MEASURED


def test_what_fails_for_good_lies_in_the_dead_letter_queue(deployment: Deployment) -> None:
    """Lambda tries it again after one and two minutes; here it is told not to, to be quick."""
    functions, name = deployment.account.client("lambda"), deployment.function()["FunctionName"]
    this = {"FunctionName": name, "Qualifier": "$LATEST"}
    asked = functions.get_function_event_invoke_config(**this)
    tries = {
        key: asked[key] for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    }
    poison = {"data": base64.b64encode(b"no JSON").decode(), "topic": "boxes/b/temperature"}

    functions.put_function_event_invoke_config(**this, **{**tries, "MaximumRetryAttempts": 0})
    try:
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(poison))
        letter = received(deployment)
    finally:
        functions.put_function_event_invoke_config(**this, **tries)

    assert letter["requestPayload"] == poison
    assert rejected(deployment)[-1] == "not_json"


def test_function_without_its_permission_judges_nothing(deployment: Deployment) -> None:
    identities = deployment.account.client("iam")
    name = deployment.function()["Role"].rsplit("/", 1)[-1]
    policy = identities.get_role_policy(RoleName=name, PolicyName="function")["PolicyDocument"]
    other = [rule for rule in policy["Statement"] if "dynamodb:PutItem" not in rule["Action"]]

    put(identities, name, {**policy, "Statement": other})
    try:
        publish(deployment, "forbidden", {**MEASURED, "message_id": "m-1"})
        assert eventually(
            lambda: any("AccessDenied" in line.get("exception", "") for line in lines(deployment))
        )
    finally:
        put(identities, name, policy)

    assert judged(deployment, "forbidden") == []


@pytest.mark.parametrize(
    ("api", "operation"),
    [
        ("dynamodb", "list_tables"),
        ("iam", "list_roles"),
        ("iot", "list_topic_rules"),
        ("lambda", "list_functions"),
        ("sqs", "list_queues"),
    ],
)
def test_role_may_do_nothing_else(role_probe: Any, api: str, operation: str) -> None:
    assert probe.attempt(role_probe, api, operation)["outcome"].startswith("AccessDenied")


def test_deleting_a_used_stack_leaves_nothing(boxes: Path, tmp_path: Path) -> None:
    with deployed(boxes, tmp_path / "emulator.log") as deployment:
        publish(deployment, "last", {**MEASURED, "message_id": "m-1"})
        assert eventually(lambda: judged(deployment, "last") == ["kept"])

        deployment.delete()

        assert leftovers(deployment.account) == {}
        assert deployment.account.client("iot").list_topic_rules()["rules"] == []


@pytest.fixture(scope="module")
def role_probe(deployment: Deployment) -> Any:
    """The Lambda client, with a probe installed that runs with the service's role."""
    functions, function = deployment.account.client("lambda"), deployment.function()
    probe.install(functions, function["Role"], function["Runtime"])
    return functions


def broker(deployment: Deployment) -> Any:
    return deployment.account.client("iot-data")


def publish(deployment: Deployment, box: str, payload: object) -> None:
    """Publish bytes as they are, all else as JSON."""
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    broker(deployment).publish(topic=f"boxes/{box}/temperature", qos=1, payload=raw)


def told(deployment: Deployment) -> dict[str, str]:
    return outputs(deployment.account, deployment.stack)


def role(rule: dict[str, Any]) -> str:
    arn: str = rule["errorAction"]["sqs"]["roleArn"]
    return arn


def received(deployment: Deployment) -> dict[str, Any]:
    """Take one letter out of the dead-letter queue."""
    queue, url = deployment.account.client("sqs"), told(deployment)["DeadLettersUrl"]
    (message,) = queue.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    letter: dict[str, Any] = json.loads(message["Body"])
    return letter


def lines(deployment: Deployment) -> list[dict[str, Any]]:
    return log_lines(deployment.account, deployment.function())


def judged(deployment: Deployment, box: str) -> list[str]:
    """Return the verdicts on a box, oldest first."""
    topic = f"boxes/{box}/temperature"
    return [
        line["verdict"]
        for line in lines(deployment)
        if line.get("message") == "judged" and line["topic"] == topic
    ]


def rejected(deployment: Deployment) -> list[str]:
    return [line["reason"] for line in lines(deployment) if line.get("message") == "rejected"]


def put(identities: Any, name: str, policy: dict[str, Any]) -> None:
    identities.put_role_policy(RoleName=name, PolicyName="function", PolicyDocument=json.dumps(policy))


def eventually(holds: Callable[[], bool]) -> bool:
    """Say whether something comes true while one waits: nobody waits for what a device publishes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()
