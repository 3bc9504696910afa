"""What is deployed can be deleted, awake or asleep."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import boto3
import moto
import pytest
from botocore.stub import Stubber

from wake.effects import NOBODY, Record
from wake.leaving import leave

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK_NAME = "forecast-scale-test"
NAME = "line.example.com"


class Account:
    """An account with a record in it that names a task, and a stack that is or is not deployed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stubs: ExitStack) -> None:
        self.route53 = boto3.client("route53")
        self.zone = self.route53.create_hosted_zone(Name=NAME, CallerReference="zone")["HostedZone"]["Id"]
        Record(self.route53, self.zone, NAME).write(["198.51.100.1"])
        clients: dict[str, Any] = {"cloudformation": boto3.client("cloudformation"), "lambda": boto3.client("lambda")}
        self.stacks = stubs.enter_context(Stubber(clients["cloudformation"]))
        self.functions = stubs.enter_context(Stubber(clients["lambda"]))
        monkeypatch.setattr(boto3, "client", lambda name: clients.get(name, self.route53))

    def deploy(self, **outputs: str) -> None:
        """Have a stack with some outputs."""
        told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
        stack = {"StackName": STACK_NAME, "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": told}
        self.stacks.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": STACK_NAME})

    def forget_record(self) -> None:
        """Have the record deleted."""
        [found] = [
            one
            for one in self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
            if one["Type"] == "A"
        ]
        changes: Any = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": found}]}
        self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=changes)

    @property
    def record(self) -> list[str]:
        """What the name leads to."""
        found = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return [value["Value"] for one in found if one["Type"] == "A" for value in one["ResourceRecords"]]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account of its own for each test."""
    with moto.mock_aws(), ExitStack() as stubs:
        yield Account(monkeypatch, stubs)


def test_nothing_wakes_it_first_and_the_record_is_as_the_stack_made_it(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deploy(Name=NAME, WakingName="waking", ZoneId=account.zone)
    blocked = {"FunctionName": "waking", "ReservedConcurrentExecutions": 0}
    account.functions.add_response("put_function_concurrency", {"ReservedConcurrentExecutions": 0}, blocked)
    waited: list[tuple[float, list[str]]] = []
    monkeypatch.setattr("time.sleep", lambda seconds: waited.append((seconds, account.record)))

    said = leave(STACK_NAME)

    account.functions.assert_no_pending_responses()
    # Whatever the function was at has ended when the record is written.
    assert waited == [(30, ["198.51.100.1"])]
    assert account.record == [NOBODY]
    assert "delete-function-concurrency --function-name waking" in said


@pytest.mark.parametrize("has_zone", [True, False])
def test_what_an_attempt_has_deleted_is_not_made_again(has_zone: bool, account: Account) -> None:  # noqa: FBT001
    account.deploy(Name=NAME, WakingName="waking", ZoneId=account.zone if has_zone else "Z0GONE")
    account.functions.add_client_error("put_function_concurrency", "ResourceNotFoundException")
    account.forget_record()

    leave(STACK_NAME)

    account.functions.assert_no_pending_responses()
    assert account.record == []


def test_what_is_not_deployed_is_left_alone(account: Account) -> None:
    account.stacks.add_client_error("describe_stacks", "ValidationError", f"Stack {STACK_NAME} does not exist")

    assert leave(STACK_NAME) == f"{STACK_NAME} is not deployed"


def test_what_was_never_whole_is_left_alone(account: Account) -> None:
    account.deploy()

    assert "never whole" in leave(STACK_NAME)
    assert account.record == ["198.51.100.1"]
