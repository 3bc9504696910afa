"""A service that answers requests and sleeps, in an account: how it is called, who stands behind its door."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from e2e import gaps
from e2e.http_api import request
from e2e.services import ServiceDeployment
from e2e.tasks import ACCOUNT_ID

if TYPE_CHECKING:
    from e2e.http_api import Response

__all__ = ["SleepingDeployment"]

PORT = 8080
QUOTE = {"zone": "domestic", "weight_grams": 1_200}


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepingDeployment(ServiceDeployment):
    """A service in an account. The emulator has no VPC link: its API leads to a container by its address."""

    def create(self) -> None:
        """Create the stack; the CDK publishes the function's code before it deploys."""
        [function] = self.declared("AWS::Lambda::Function")
        bucket = re.sub(r"[$][{]AWS::AccountId[}]", ACCOUNT_ID, function["Code"]["S3Bucket"]["Fn::Sub"])
        key = function["Code"]["S3Key"]
        packed = io.BytesIO()
        folder = self.service / "cdk.out" / f"asset.{key.removesuffix('.zip')}"
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.rglob("*.py")):
                archive.write(path, path.relative_to(folder))
        objects = self.account.client("s3")
        objects.create_bucket(Bucket=bucket.replace("${AWS::Region}", "us-east-1"))
        objects.put_object(
            Bucket=bucket.replace("${AWS::Region}", "us-east-1"), Key=key, Body=packed.getvalue()
        )
        super(SleepingDeployment, self).create()
        gaps.allow_services_by_their_cluster(self.account, self.stack)
        # With an engine the emulator is not where it tells functions that it is.
        self.tell_function(AWS_ENDPOINT_URL=self.account.endpoint)

    def quote(self) -> Response:
        """Ask for a quote, by the path of the stage: the emulator of an engine has a host of its own."""
        [api] = [api["ApiId"] for api in self.account.client("apigatewayv2").get_apis()["Items"]]
        return request(self.account, "POST", f"/_aws/execute-api/{api}/$default/quotes", body=QUOTE)

    def stand_behind_the_door(self, host: str) -> None:
        """Make what the VPC link and Cloud Map make on AWS: a way to the task, and one to ask it by."""
        gateway = self.account.client("apigatewayv2")
        [api] = [api["ApiId"] for api in gateway.get_apis()["Items"]]
        integration = gateway.create_integration(
            ApiId=api,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="ANY",
            IntegrationUri=f"http://{host}:{PORT}",
            PayloadFormatVersion="1.0",
        )["IntegrationId"]
        gateway.create_route(ApiId=api, RouteKey="GET /ready", Target=f"integrations/{integration}")
        self.tell_function(API_URL=f"http://{host}:{PORT}")

    def tell_function(self, **changed: str) -> None:
        """Change variables of what wakes the service."""
        functions, name = self.account.client("lambda"), self.function
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**variables, **changed}}
        )

    @property
    def function(self) -> str:
        """The name of what wakes the service."""
        [function] = self.account.client("lambda").list_functions()["Functions"]
        return str(function["FunctionName"])

    @property
    def door(self) -> str:
        """The kind of integration that the `$default` route leads to."""
        gateway = self.account.client("apigatewayv2")
        [api] = [api["ApiId"] for api in gateway.get_apis()["Items"]]
        kinds = {
            f"integrations/{one['IntegrationId']}": one["IntegrationType"]
            for one in gateway.get_integrations(ApiId=api)["Items"]
        }
        routes = {route["RouteKey"]: route["Target"] for route in gateway.get_routes(ApiId=api)["Items"]}
        return str(kinds[routes["$default"]])

    def state(self) -> dict[str, Any]:
        """Return what the function has written down."""
        [table] = self.account.client("dynamodb").list_tables()["TableNames"]
        item = self.account.client("dynamodb").get_item(
            TableName=table, Key={"id": {"S": "service"}}, ConsistentRead=True
        )["Item"]
        return dict(json.loads(item["state"]["S"]))

    def let_pass(self, seconds: float) -> None:
        """Let time pass for the service: what it has written down is so much older."""
        database = self.account.client("dynamodb")
        [table] = database.list_tables()["TableNames"]
        aged = {**self.state(), "since": self.state()["since"] - seconds}
        database.update_item(
            TableName=table,
            Key={"id": {"S": "service"}},
            UpdateExpression="SET #state = :state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": json.dumps(aged)}},
        )

    def look(self) -> None:
        """Have the function look at the service, as EventBridge does every five minutes."""
        event = json.dumps({"source": "aws.events", "detail-type": "Scheduled Event"}).encode()
        answer = self.account.client("lambda").invoke(FunctionName=self.function, Payload=event)
        assert "FunctionError" not in answer, answer["Payload"].read()
