"""The stack under test: what infra/app.py makes for each environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from infra.cloudformation import Stack, deploy

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ["dev", "staging", "prod"]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    """The CloudFormation of every stack, by file; APP=proposal.py has another app judged by the same rules."""
    folder = tmp_path_factory.mktemp("cdk.out")
    app = os.environ.get("APP", str(ROOT / "infra/app.py"))
    environment = {**os.environ, "CDK_OUTDIR": str(folder), "CDK_VALIDATION": "false"}
    done = subprocess.run([sys.executable, app], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.template.json")}


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def template(request: pytest.FixtureRequest, templates: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The CloudFormation of one environment, as it is written."""
    return templates[f"forecast-scale-{request.param}.template.json"]


@pytest.fixture(scope="session")
def stack(template: dict[str, Any]) -> Stack:
    """What would be deployed, once per environment."""
    return deploy(template, {})


@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """What was answered about the workload, and what was decided."""
    return dict(yaml.safe_load((ROOT / ".copier-answers.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def record(answers: dict[str, Any]) -> dict[str, Any]:
    """The decision record: what the workload needs and what may bill while idle."""
    return dict(answers["decision"])
