"""A service that works off a queue in an account: what it gets, what comes of it, who sets its count."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolbox import REPOSITORY

from e2e.tasks import PYTHON, TaskDeployment

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ANSWERS", "ServiceDeployment"]

ANSWERS = REPOSITORY / "tests" / "cases" / "services"

# The repository's own reading of its alarms and steps, as its policy tests have it.
NEXT_COUNT = """
import json, sys
sys.path.insert(0, "tests")
from infra import test_scaling
from infra.cloudformation import deploy
stack = deploy(json.load(open(sys.argv[1])), {})
rules = test_scaling.rules.__wrapped__(stack)
target = test_scaling.target.__wrapped__(stack)
print(test_scaling.count(rules, target, *map(int, sys.argv[2:])))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeployment(TaskDeployment):
    """A service in an account. The emulator has no auto scaling: the tests call it, once for each minute."""

    def is_deployed(self) -> bool:
        """Tell whether the last deployment is over; the emulator takes one that is cut off for failed."""
        return bool(self.ecs_service()["deployments"][0]["rolloutState"] == "COMPLETED")

    def send(self, orders: Iterable[dict[str, object]]) -> None:
        """Send messages."""
        queues = self.account.client("sqs")
        for order in orders:
            queues.send_message(QueueUrl=self.outputs["QueueUrl"], MessageBody=json.dumps(order))

    def left(self) -> tuple[int, int]:
        """Return how many messages wait, and how many are in hand."""
        waiting, hidden = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
        attributes = self.account.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["QueueUrl"], AttributeNames=[waiting, hidden]
        )["Attributes"]
        return int(attributes[waiting]), int(attributes[hidden])

    def revenue(self, forecast_id: str) -> int | None:
        """Return what came of a message; nothing while it is not done."""
        found = self.account.client("dynamodb").get_item(
            TableName=self.outputs["ResultsTable"],
            Key={"forecast_id": {"S": forecast_id}},
            ConsistentRead=True,
        )
        number = found.get("Item", {}).get("revenue_cents", {}).get("N")
        return None if number is None else int(number)

    def ecs_service(self) -> dict[str, Any]:
        """Return the service as ECS has it."""
        name = self.outputs["ServiceName"]
        found = self.account.client("ecs").describe_services(cluster=self.stack, services=[name])["services"]
        return dict(found[0])

    def scale(self) -> int:
        """Set the count as CloudWatch's alarms and the policies of the template would, and return it."""
        visible, in_hand = self.left()
        running = self.ecs_service()["runningCount"]
        template = self.service / "cdk.out" / f"{self.stack}.template.json"
        numbers = [str(number) for number in (running, visible, in_hand)]
        done = subprocess.run(
            [self.service / PYTHON, "-c", NEXT_COUNT, template, *numbers],
            cwd=self.service,
            check=True,
            capture_output=True,
            text=True,
        )
        wanted = int(done.stdout)
        self.account.client("ecs").update_service(
            cluster=self.stack, service=self.outputs["ServiceName"], desiredCount=wanted
        )
        return wanted
