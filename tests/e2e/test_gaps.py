"""The emulator lacks what `gaps.py` makes up for; when a test here fails, that part of it can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from toolbox import tool

from e2e import gaps, probe
from e2e.deployment import SamDeployment
from e2e.emulator import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def untouched(service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamDeployment]:
    """The service as the emulator alone deploys it."""
    with emulator(tool("ministack"), tmp_path_factory.mktemp("emulator") / "log.txt") as account:
        deployment = SamDeployment(service=service, account=account)
        deployment.create()
        yield deployment


def test_routes_of_an_openapi_body_are_not_made(untouched: SamDeployment) -> None:
    declared = {route.key for route in gaps.declared_routes(untouched.account, untouched.stack)}

    assert declared == {"POST /quotes", "GET /zones/{zone}", "$default"}
    assert gaps.existing_routes(untouched.account) == []


def test_no_function_is_durable(untouched: SamDeployment) -> None:
    functions, function = untouched.account.client("lambda"), untouched.function()
    functions.update_function_configuration(
        FunctionName=function["FunctionName"], DurableConfig={"ExecutionTimeout": 60}
    )

    invoked = functions.invoke(FunctionName=function["FunctionName"], InvocationType="Event", Payload=b"{}")

    assert "DurableExecutionArn" not in invoked


def test_log_group_arn_of_the_template_allows_nothing(untouched: SamDeployment) -> None:
    functions, function = untouched.account.client("lambda"), untouched.function()
    probe.install(functions, function["Role"], function["Runtime"])
    group = function["LoggingConfig"]["LogGroup"]

    written = probe.attempt(functions, "logs", "create_log_stream", logGroupName=group, logStreamName="own")

    assert written["outcome"] == "AccessDeniedException"
