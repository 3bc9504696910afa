"""Hears what a deployed rule of EventBridge tells its target, where the emulator starts no task with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from e2e.tasks import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from e2e.tasks import TaskDeployment

__all__ = ["Rule"]

TAP = "tap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule whose only target is a task; a queue beside the target is told the same.

    Attributes:
        deployment: The service that it starts runs of.
        name: Its name.
        bus: The bus that it listens to.
        url: The queue.
    """

    deployment: TaskDeployment
    name: str
    bus: str
    url: str

    @classmethod
    def of(cls, deployment: TaskDeployment, bus: str = "default") -> Rule:
        """Return the rule that starts runs, and listen to what it says."""
        queues = deployment.account.client("sqs")
        url = str(queues.create_queue(QueueName=TAP)["QueueUrl"])
        found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        name = deployment.outputs["StartRuleArn"].rsplit("/", 1)[-1]
        rule = cls(deployment=deployment, name=name, bus=bus, url=url)
        target = {"Id": TAP, "Arn": found["QueueArn"], "InputTransformer": rule.target()["InputTransformer"]}
        deployment.account.client("events").put_targets(Rule=name, EventBusName=bus, Targets=[target])
        return rule

    def target(self) -> dict[str, Any]:
        """Return the deployed target that is a task."""
        events = self.deployment.account.client("events")
        targets = events.list_targets_by_rule(Rule=self.name, EventBusName=self.bus)["Targets"]
        [target] = (target for target in targets if target["Id"] != TAP)
        return dict(target)

    def heard(self) -> dict[str, Any]:
        """Wait for the next thing that the rule tells its target: the overrides of a task."""
        queues = self.deployment.account.client("sqs")

        def ask() -> dict[str, Any] | None:
            for message in queues.receive_message(QueueUrl=self.url).get("Messages", []):
                queues.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                overrides: dict[str, Any] = json.loads(message["Body"])
                return overrides
            return None

        return eventually(ask)

    def start(self, overrides: Mapping[str, Any]) -> str:
        """Start a task as the rule does, and return its ARN."""
        [declared] = (
            rule["Targets"][0]
            for rule in self.deployment.declared("AWS::Events::Rule")
            if "EcsParameters" in rule["Targets"][0] and rule["EventPattern"]["source"] != ["aws.ecs"]
        )
        return self.deployment.run_target(declared, self.target(), overrides)
