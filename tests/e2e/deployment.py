"""The SAM command line on one service and one account."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY, module, tool

from e2e import gaps
from e2e.emulator import Account, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Deployment", "build_service", "deployed", "run", "without_aws"]

ENVIRONMENT = "dev"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A service in an account.

    Attributes:
        service: The service's repository.
        account: The account.
    """

    service: Path
    account: Account

    @property
    def stack(self) -> str:
        """The name of the service's stack."""
        settings = tomllib.loads((self.service / "samconfig.toml").read_text(encoding="utf-8"))
        return str(settings[ENVIRONMENT]["global"]["parameters"]["stack_name"])

    def create(self) -> None:
        """Deploy the template and the package as they stand, by the command of `make deploy`."""
        self._sam("deploy")

    def delete(self) -> None:
        """Delete the stack, by the command of `make destroy`."""
        self._sam("delete", "--no-prompts")

    def function(self) -> dict[str, Any]:
        """Return the configuration of the stack's only function."""
        functions = self.account.client("lambda")
        name = self._resource("AWS::Lambda::Function")
        found: dict[str, Any] = functions.get_function_configuration(FunctionName=name)
        return found

    def _resource(self, kind: str) -> str:
        described = self.account.client("cloudformation").describe_stack_resources(StackName=self.stack)
        resources = described["StackResources"]
        (found,) = (item["PhysicalResourceId"] for item in resources if item["ResourceType"] == kind)
        return str(found)

    def _sam(self, command: str, *arguments: str) -> None:
        environment = {**without_aws(os.environ), **self.account.environment, "SAM_CLI_TELEMETRY": "0"}
        run([str(tool("sam")), command, "--config-env", ENVIRONMENT, *arguments], self.service, environment)


@contextlib.contextmanager
def deployed(service: Path, log: Path) -> Iterator[Deployment]:
    """Start an account, deploy the service to it, and make up for the emulator's gaps."""
    with emulator(tool("ministack"), log) as account:
        deployment = Deployment(service=service, account=account)
        deployment.create()
        gaps.make_routes(account, deployment.stack)
        gaps.spell_log_groups_both_ways(account, deployment.stack)
        yield deployment


def build_service(folder: Path, answers: Path, *changed: str) -> None:
    """Create a service with the real command, for the machine that tests, and build it by its own Makefile.

    The default package is for arm64, whose compiled modules an x86_64 machine cannot load. `architecture` is
    one of the tool's answers, so what is deployed here differs from the default in that answer alone, and in
    those that a test changes as `key=value`.
    """
    for needed in ("make", "ministack", "sam", "uv"):
        tool(needed)
    module("boto3")
    create = [sys.executable, "-m", "generator", "create", str(folder), "--answers", str(answers)]
    extra = [part for answer in ("architecture=x86_64", *changed) for part in ("--data", answer)]
    run([*create, *extra], REPOSITORY, os.environ)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    run(["make", "setup", "check", "test", "build"], folder, environment)


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without a person's AWS settings."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command that must succeed; what it wrote is the failure's message."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)} exited {done.returncode}:\n{done.stdout}", pytrace=False)
