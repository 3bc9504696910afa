"""SAM is read as its translator reads it: Globals value by value, whole templates by what the audit says."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY, python_of, search_path, tool

from generator import prices
from generator.audit import documents, engine, stack
from generator.audit.findings import Declared
from generator.audit.template import parse

from .judging import TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from generator.audit.engine import Report
    from generator.audit.values import Value

ORACLE = REPOSITORY / "tests" / "audit" / "sam_oracle.py"
COUNT = 200
TEMPLATES = [
    *sorted((REPOSITORY / "tests" / "golden").glob("*/template.yaml")),
    *sorted((REPOSITORY / "tests" / "cases" / "sam").glob("*.yaml")),
]

# Property -> values that it may have in Globals, and in a resource.
FUNCTION: Mapping[str, list[Any]] = {
    "MemorySize": [128, 1024, {"Ref": "Memory"}],
    "Timeout": [3, {"Fn::If": ["Long", 900, 3]}],
    "Architectures": [["arm64"], ["x86_64"]],
    "Environment": [{"Variables": {"A": "1"}}, {"Variables": {"A": "2", "B": {"Ref": "Memory"}}}],
    "Layers": [["arn:aws:lambda:us-east-1:1:layer:a:1"], [{"Ref": "Layer"}]],
    "ProvisionedConcurrencyConfig": [
        {"ProvisionedConcurrentExecutions": 0},
        {"ProvisionedConcurrentExecutions": {"Ref": "Memory"}},
    ],
    "SnapStart": [{"ApplyOn": "PublishedVersions"}, {"ApplyOn": "None"}],
    "VpcConfig": [{"SubnetIds": ["subnet-1"]}, {"SubnetIds": ["subnet-2"], "SecurityGroupIds": ["sg-1"]}],
    "Tags": [{"a": "1"}, {"Ref": "1"}, {"a": "2", "Ref": "3"}],
    "CapacityProviderConfig": [{"Arn": "a"}, {"Arn": {"Fn::GetAtt": ["P", "Arn"]}}],
}
API: Mapping[str, list[Any]] = {
    "CacheClusterEnabled": [True, False],
    "CacheClusterSize": ["0.5", "1.6"],
    "Variables": [{"a": "1"}, {"b": "2"}],
    "BinaryMediaTypes": [["a~1b"], ["c~1d"]],
}
PROVIDER: Mapping[str, list[Any]] = {
    "InstanceRequirements": [
        {"Architectures": ["arm64"]},
        {"Architectures": ["x86_64"], "AllowedTypes": ["a"]},
    ],
    "ManagedResourceTags": [{"a": "1", "b": "2"}, {"b": "3", "c": "4"}, {}],
    "ScalingConfig": [{"MaxVCpuCount": 8}, {"ScalingPolicies": [{"a": 1}]}],
}
KINDS = {"Function": FUNCTION, "Api": API, "CapacityProvider": PROVIDER}


def oracle(what: str, templates: list[Any]) -> list[Any]:
    environment = {**os.environ, "PATH": search_path(), "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [python_of(tool("ministack")), ORACLE, what],
        input=json.dumps(templates),
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    made: list[Any] = json.loads(done.stdout)
    return made


def some_of(chance: random.Random, values: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {name: chance.choice(several) for name, several in values.items() if chance.random() < 0.6}


def some_template(chance: random.Random) -> dict[str, Any]:
    shared = {kind: some_of(chance, values) for kind, values in KINDS.items() if chance.random() < 0.8}
    resources = {}
    for kind, values in KINDS.items():
        for number in range(3):
            resource: dict[str, Any] = {
                "Type": f"AWS::Serverless::{kind}",
                "Properties": some_of(chance, values),
            }
            common = shared.get(kind)
            if common and chance.random() < 0.3:
                resource["IgnoreGlobals"] = chance.choice(["*", chance.sample(sorted(common), 1)])
            resources[f"{kind}{number}"] = resource
    given = {kind: properties for kind, properties in shared.items() if properties}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        **({"Globals": given} if given else {}),
        "Resources": resources,
    }


def plain(value: Value | None) -> Any:
    if value is None:
        return None
    if isinstance(value.data, Mapping):
        return {name: plain(inner) for name, inner in value.data.items()}
    if isinstance(value.data, list):
        return [plain(inner) for inner in value.data]
    return value.data


def test_globals_are_merged_as_sam_merges_them() -> None:
    chance = random.Random(20260101)  # noqa: S311  it is no secret
    templates = [some_template(chance) for _ in range(COUNT)]

    theirs = oracle("globals", templates)

    for template, expected in zip(templates, theirs, strict=True):
        [document], _ = documents.read(json.dumps(template))
        ours = {name: plain(one.member("Properties")) for name, one in parse(document).resources.items()}
        assert ours == {name: one["Properties"] for name, one in expected["Resources"].items()}


def judged(document: Value) -> Report:
    made = stack.deploy(document, "template.yaml", {}, "us-east-1")
    return engine.judge(Declared(stacks=(made,), today=TODAY), prices.load())


def in_short(report: Report) -> dict[str, Any]:
    """Return what must not depend on whether SAM or CloudFormation says it."""
    return {
        "tiers": Counter(unit.tier for unit in report.units),
        "codes": Counter(finding.code for finding in report.findings if finding.counts),
        "usd": report.idle_usd_per_month,
        "unknown": sum(line.usd_per_month is None for line in report.idle),
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_template_and_what_sam_makes_of_it_are_judged_alike(
    path: Path, transformed: Mapping[Path, Value]
) -> None:
    ours = judged(document_of(path))

    assert in_short(ours) == in_short(judged(transformed[path]))
    assert ours.units


def document_of(path: Path) -> Value:
    [document], _ = documents.read(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def transformed() -> Mapping[Path, Value]:
    """What the translator makes of every template; it is started once, as it takes a second."""
    made = oracle("transform", [plain(document_of(path)) for path in TEMPLATES])
    return {path: documents.read(json.dumps(one))[0][0] for path, one in zip(TEMPLATES, made, strict=True)}
