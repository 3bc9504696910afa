"""A service behind a load balancer that sleeps, in an account: how it is called, and who sets its count."""

from __future__ import annotations

import http.client
import json
import subprocess
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from e2e.http_api import Response
from e2e.services import ServiceDeployment
from e2e.tasks import BOOTSTRAP_VERSION, PYTHON

__all__ = ["BalancedDeployment"]

QUOTE = {"zone": "domestic", "weight_grams": 1_200}
TIMEOUT_SECONDS = 30

# The count after each minute, by the reading of alarms and steps that the repository's own tests have.
COUNTS = """
import json, sys
sys.path.insert(0, "tests")
from infra import test_waking
from infra.cloudformation import deploy
stack = deploy(json.load(open(sys.argv[1])), {})
world = test_waking.World(test_waking.rules.__wrapped__(stack))
for minute in json.loads(sys.argv[2]):
    world.measured.append(minute)
    world._scale()
    world.counts.append(world.wanted)
print(json.dumps(world.counts))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedDeployment(ServiceDeployment):
    """A service in an account. The emulator has no auto scaling: tests let minutes pass.

    Attributes:
        minutes: What CloudWatch would have measured in each minute that has passed.
        refused: The requests that were refused in the minute that is not over, one entry each.
    """

    minutes: list[dict[str, list[float]]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def create(self) -> None:
        """Create the stack, after the certificate and the parameter that its README asks for."""
        certificate = self.account.client("acm").request_certificate(DomainName="desk.example.com")
        for parameter in self.template()["Parameters"].values():
            name = parameter.get("Default", "")
            if parameter["Type"].startswith("AWS::SSM::") and name != BOOTSTRAP_VERSION:
                self.account.client("ssm").put_parameter(
                    Name=name, Value=certificate["CertificateArn"], Type="String"
                )
        super(BalancedDeployment, self).create()

    def ask(self, method: str = "POST", path: str = "/quotes", body: object = QUOTE) -> Response:
        """Send a request to the load balancer by its name, and count a refusal as it does."""
        address = urlsplit(self.account.endpoint)
        connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
        headers = {"Host": self.outputs["LoadBalancerName"], "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body), headers)
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.getheaders()}
        response = Response(status=answer.status, headers=received, body=answer.read())
        connection.close()
        if response.status == http.client.SERVICE_UNAVAILABLE:
            self.refused.append(1)
        return response

    def targets(self) -> list[tuple[str, int]]:
        """Return address and port of each task that the load balancer passes requests on to."""
        balancing = self.account.client("elbv2")
        [group] = balancing.describe_target_groups()["TargetGroups"]
        found = balancing.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        return [(one["Target"]["Id"], one["Target"]["Port"]) for one in found["TargetHealthDescriptions"]]

    def count(self, tasks: int) -> None:
        """Set the count."""
        self.account.client("ecs").update_service(
            cluster=self.stack, service=self.outputs["ServiceName"], desiredCount=tasks
        )

    def pass_minutes(self, number: int, *, quiet_since: int | None = None) -> list[int]:
        """Let minutes pass, set the count as the template's alarms would, and return it for each.

        Args:
            number: How many; what was refused was so in the first.
            quiet_since: For how many minutes no request was at work before, as each task says.
        """
        for passed in range(number):
            said: dict[str, list[float]] = {"healthy": [len(self.targets())]}
            if self.refused:
                said["refused"] = [len(self.refused)]
                self.refused.clear()
            if quiet_since is not None:
                said["quiet"] = [60 * (quiet_since + passed)] * len(self.targets())
            self.minutes.append(said)
        counts = self._counts()[-number:]
        self.count(counts[-1])
        return counts

    def _counts(self) -> list[int]:
        template = self.service / "cdk.out" / f"{self.stack}.template.json"
        done = subprocess.run(
            [self.service / PYTHON, "-c", COUNTS, template, json.dumps(self.minutes)],
            cwd=self.service,
            check=True,
            capture_output=True,
            text=True,
        )
        counts: list[Any] = json.loads(done.stdout)
        return [int(count) for count in counts]
