"""The stack under test: template.yaml with its default parameters, and as each environment of samconfig.toml has it."""

from __future__ import annotations

import json
import logging
import os
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from boto3.session import Session
from infra.cloudformation import Stack, deploy
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
_SAMCONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
# The translator counts its own calls and complains at exit that nobody published the count.
logging.getLogger("samtranslator.metrics.metrics").disabled = True

ENVIRONMENTS = [name for name in _SAMCONFIG if name != "version"]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The template as it is written; another one is judged by the same rules with TEMPLATE=proposal.yaml."""
    path = Path(os.environ.get("TEMPLATE", ROOT / "template.yaml"))
    template = dict(yaml_parse(path.read_text(encoding="utf-8")))
    machine = template["Resources"]["Workflow"]["Properties"]
    machine["DefinitionUri"] = json.loads((path.parent / machine["DefinitionUri"]).read_text(encoding="utf-8"))
    return template


@pytest.fixture(scope="session", params=["default parameters", *ENVIRONMENTS])
def stack(request: pytest.FixtureRequest, template: dict[str, Any]) -> Stack:
    """What would be deployed, once per environment."""
    parameters = {} if request.param == "default parameters" else _parameters(request.param)
    return deploy(_translated(template, parameters), parameters)


@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """What was answered about the workload, and what was decided."""
    return dict(yaml.safe_load((ROOT / ".copier-answers.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def record(answers: dict[str, Any]) -> dict[str, Any]:
    """The decision record: what the workload needs and what may bill while idle."""
    return dict(answers["decision"])


def _parameters(environment: str) -> dict[str, str]:
    overrides = _SAMCONFIG[environment]["deploy"]["parameters"]["parameter_overrides"]
    pairs = overrides if isinstance(overrides, list) else overrides.split()
    return {name: value.strip('"') for name, _, value in (pair.partition("=") for pair in pairs)}


def _translated(template: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """Return the CloudFormation that the SAM transform makes of the template."""
    uploaded = deepcopy(template)
    for resource in uploaded["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://packages/function.zip"
    uploaded["Resources"]["Workflow"]["Properties"]["DefinitionUri"] = "s3://packages/workflow.asl.json"
    translator = Translator({}, Parser(), boto_session=Session(region_name="us-east-1"))
    made = dict(translator.translate(uploaded, dict(parameters)))
    # The tests judge what the file says, not where it is uploaded to.
    machine = made["Resources"]["Workflow"]["Properties"]
    del machine["DefinitionS3Location"]
    machine["Definition"] = template["Resources"]["Workflow"]["Properties"]["DefinitionUri"]
    return made
