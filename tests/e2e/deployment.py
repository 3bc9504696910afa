"""One service deployed to one account, by SAM's command line or as the CDK's would do it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from environments import set_up
from matrix import FULL
from stacks import run_in
from toolbox import REPOSITORY, module, tool

from e2e import gaps
from e2e.emulator import Account, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "FEW_INFRASTRUCTURES",
    "INFRASTRUCTURES",
    "Deployment",
    "SamDeployment",
    "build_service",
    "deployed",
    "run",
    "without_aws",
]

ENVIRONMENT = "dev"
INFRASTRUCTURES = ("sam", "cdk")
TIMED = {"http-api", "queue"}
START_BUDGET = "tests/unit/test_cold_start.py::test_a_start_costs_at_most_a_few_bare_starts"
FEW_INFRASTRUCTURES = INFRASTRUCTURES if FULL else ("sam",)
"""For most triggers: test_iac_parity shows that both make the same, and `make e2e` deploys both."""
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(ABC):
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
        stored = yaml.safe_load((self.service / ".copier-answers.yml").read_text(encoding="utf-8"))
        return f"{stored['project_name']}-{ENVIRONMENT}"

    @abstractmethod
    def create(self) -> None:
        """Deploy what describes the infrastructure, and the package, as they stand."""

    @abstractmethod
    def delete(self) -> None:
        """Delete the stack."""

    def function(self) -> dict[str, Any]:
        """Return the configuration of the stack's only function."""
        functions = self.account.client("lambda")
        found: dict[str, Any] = functions.get_function_configuration(FunctionName=self._function_name())
        return found

    def _function_name(self) -> str:
        described = self.account.client("cloudformation").describe_stack_resources(StackName=self.stack)
        resources = described["StackResources"]
        kind = "AWS::Lambda::Function"
        (found,) = (item["PhysicalResourceId"] for item in resources if item["ResourceType"] == kind)
        return str(found)


class SamDeployment(Deployment):
    """A service that SAM deploys."""

    def create(self) -> None:
        """Deploy template and package by the command of `make deploy`."""
        self._sam("deploy")

    def delete(self) -> None:
        """Delete the stack by the command of `make destroy`."""
        self._sam("delete", "--no-prompts")

    def _sam(self, command: str, *arguments: str) -> None:
        environment = {**without_aws(os.environ), **self.account.environment, "SAM_CLI_TELEMETRY": "0"}
        run([str(tool("sam")), command, "--config-env", ENVIRONMENT, *arguments], self.service, environment)


class CdkDeployment(Deployment):
    """A service on the CDK, without the CDK's command line, which the emulator refuses its bucket.

    What the command line does between the app and CloudFormation is done here: it sends the files that the
    app names in its manifest, then the template. test_cdk_http shows the command line itself, without IAM.
    """

    def create(self) -> None:
        """Send what `python infra/app.py` writes into an account as `cdk bootstrap` leaves it."""
        assembly = self._synthesise()
        template = (assembly / f"{self.stack}.template.json").read_text(encoding="utf-8")
        version = json.loads(template)["Parameters"]["BootstrapVersion"]["Default"]
        self.account.client("ssm").put_parameter(Name=version, Value="30", Type="String", Overwrite=True)
        self._publish(assembly)
        stacks = self.account.client("cloudformation")
        stacks.create_stack(StackName=self.stack, TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
        status = self._settled()
        if status != "CREATE_COMPLETE":
            events = stacks.describe_stack_events(StackName=self.stack)["StackEvents"]
            reasons = [event.get("ResourceStatusReason", "") for event in events]
            pytest.fail(f"the stack is {status}: {list(filter(None, reasons))}", pytrace=False)

    def delete(self) -> None:
        """Delete the stack."""
        self.account.client("cloudformation").delete_stack(StackName=self.stack)
        status = self._settled()
        assert status == "DELETE_COMPLETE", status

    def _synthesise(self) -> Path:
        folder = self.service / "cdk.out"
        variables = {"CDK_OUTDIR": str(folder), "CDK_VALIDATION": "false"}
        run_in(self.service, self.service / ".venv" / "bin", "python", "infra/app.py", **variables)
        return folder

    def _publish(self, assembly: Path) -> None:
        objects = self.account.client("s3")
        manifest = json.loads((assembly / f"{self.stack}.assets.json").read_text(encoding="utf-8"))
        number = self.account.environment["AWS_ACCESS_KEY_ID"]
        for file in manifest["files"].values():
            for place in file["destinations"].values():
                bucket = place["bucketName"].replace("${AWS::AccountId}", number)
                objects.create_bucket(Bucket=bucket)
                content = (assembly / file["source"]["path"]).read_bytes()
                objects.put_object(Bucket=bucket, Key=place["objectKey"], Body=content)

    def _settled(self) -> str:
        """Wait until CloudFormation has done what it was told; return how that ended."""
        stacks = self.account.client("cloudformation")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                [stack] = stacks.describe_stacks(StackName=self.stack)["Stacks"]
            except stacks.exceptions.ClientError:
                return "DELETE_COMPLETE"
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                return str(stack["StackStatus"])
            time.sleep(0.1)
        return f"still unsettled after {PATIENCE_SECONDS} s"


@contextlib.contextmanager
def deployed(service: Path, log: Path) -> Iterator[Deployment]:
    """Start an account, deploy the service to it, and make up for the emulator's gaps."""
    with emulator(tool("ministack"), log) as account:
        kind = CdkDeployment if (service / "cdk.json").exists() else SamDeployment
        deployment = kind(service=service, account=account)
        deployment.create()
        gaps.make_routes(account, deployment.stack)
        gaps.spell_log_groups_both_ways(account, deployment.stack)
        yield deployment


def build_service(folder: Path, answers: Path, iac: str = "sam", **changed: str) -> None:
    """Create a service with the real command, for the machine that tests, and build it by its own Makefile.

    The default package is for arm64, whose compiled modules an x86_64 machine cannot load. `architecture` is
    one of the tool's answers, so what is deployed here differs from the default in that answer alone. A
    service on the CDK has the same code, so its own tests run by `make e2e` only, and so does every service's
    `make check`, whose programs test_matrix has. How long starts take is tried for one that calls AWS and one
    that does not; what each of them loads is counted everywhere.
    """
    for needed in ("make", "ministack", "sam", "uv"):
        tool(needed)
    module("boto3")
    create = [sys.executable, "-m", "generator", "create", str(folder), "--answers", str(answers)]
    data = {"architecture": "x86_64", "iac": iac, **changed}
    told = [part for key, value in data.items() for part in ("--data", f"{key}={value}")]
    run([*create, *told], REPOSITORY, os.environ)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    verbs = ["check", "test", "build"] if FULL else ["test", "build"] if iac == "sam" else ["build"]
    if not FULL and answers.stem not in TIMED:
        environment["PYTEST_ADDOPTS"] = f"{environment.get('PYTEST_ADDOPTS', '')} --deselect={START_BUDGET}"
    set_up(folder)
    run(["make", *verbs], folder, environment)


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
