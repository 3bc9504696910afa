"""The SARIF is what the standard's schema says, whatever it has to tell."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY, tool

from generator.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCHEMA = REPOSITORY / "tests" / "schemas" / "sarif-2.1.0.json"
EXCUSED = """\
[[justification]]
id = "host"
rules = ["SF101", "SF206"]
resources = ["*/Server"]
category = "licence"
reason = "The licence of the old engine is bound to the serial number of one host."
alternatives = ["lambda", "fargate-task", "fargate-service"]
owner = "team-engine"
approved_by = "cto"
created = 2026-11-01
expires = 2027-03-01
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The SARIF of every case of every rule, some excused, some known, of a file with a strange name too."""
    repository = tmp_path_factory.mktemp("sarif")
    shutil.copytree(REPOSITORY / "tests" / "cases" / "audit", repository / "cases")
    strange = repository / "cases" / "naïve & <odd> #1.yaml"
    shutil.copy(repository / "cases" / "nat-gateway" / "violating.yaml", strange)
    (repository / "cases" / "broken.yaml").write_text("Resources:\n  A: {Type: AWS::SNS::Topic\n", "utf-8")
    (repository / "CLAUDE.md").write_text("Be kind.\n", encoding="utf-8")
    known = repository / "known.json"
    main(["audit", str(repository / "cases" / "eks-control-plane"), "--write-baseline", str(known)])
    (repository / ".new-service").mkdir()
    (repository / ".new-service" / "justifications.toml").write_text(EXCUSED, encoding="utf-8")
    out = repository / "audit.sarif"
    main(["audit", str(repository), "--format", "sarif", "--output", str(out)])
    read: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return read


def problems(document: dict[str, Any], folder: Path) -> str:
    """Return what the schema has against a document; nothing when it fits."""
    file = folder / "audit.sarif.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run(
        [tool("check-jsonschema"), "--schemafile", SCHEMA, file], check=False, capture_output=True, text=True
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout if done.returncode else ""


def test_every_kind_of_result_fits_the_schema(written: dict[str, Any], tmp_path: Path) -> None:
    results = written["runs"][0]["results"]
    assert {result["level"] for result in results} == {"error", "warning", "note"}
    assert any("suppressions" in result for result in results)
    assert len({result["ruleId"] for result in results}) >= 20

    assert problems(written, tmp_path) == ""


def _level(result: dict[str, Any]) -> None:
    result["level"] = "fatal"


def _no_message(result: dict[str, Any]) -> None:
    del result["message"]


def _line_zero(result: dict[str, Any]) -> None:
    result["locations"][0]["physicalLocation"]["region"] = {"startLine": 0}


def _unknown_key(result: dict[str, Any]) -> None:
    result["colour"] = "red"


def _suppression(result: dict[str, Any]) -> None:
    result["suppressions"] = [{"kind": "because"}]


@pytest.mark.parametrize("spoil", [_level, _no_message, _line_zero, _unknown_key, _suppression])
def test_spoilt_result_does_not_fit(
    written: dict[str, Any], tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    spoilt = copy.deepcopy(written)
    spoil(spoilt["runs"][0]["results"][0])

    assert problems(spoilt, tmp_path) != ""


def test_address_is_one_and_leads_to_the_file(written: dict[str, Any]) -> None:
    addresses = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in written["runs"][0]["results"]
    }

    assert "cases/na%C3%AFve%20%26%20%3Codd%3E%20%231.yaml" in addresses
