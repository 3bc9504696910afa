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
    from collections.abc import {% if state_machine %}Iterator, {% endif %}Mapping

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
{% if state_machine %}
    templates = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.template.json")}
    for machine in _state_machines(templates):
        definition = folder / f"asset.{machine.pop('DefinitionS3Location')['Key']}"
        machine["Definition"] = json.loads(definition.read_text(encoding="utf-8"))
    return templates
{% else %}
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.template.json")}
{% endif %}


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def template(request: pytest.FixtureRequest, templates: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The CloudFormation of one environment, as it is written."""
    return templates[f"{{ project_name }}-{request.param}.template.json"]


@pytest.fixture(scope="session")
def stack(template: dict[str, Any]) -> Stack:
    """What would be deployed, once per environment."""
    return deploy(template, {})


{% include "templates/_partials/infra_tests/answers.py" %}
{% if state_machine %}


def _state_machines(templates: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::StepFunctions::StateMachine":
                yield resource["Properties"]
{% endif %}
