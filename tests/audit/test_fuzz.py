"""Damaged templates of every language are judged or refused, soon, and never with an uncaught exception.

`NEW_SERVICE_FUZZ=10000` damages that many; by default a few hundred.
"""

from __future__ import annotations

import copy
import json
import os
import random
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY

from generator.audit import documents
from generator.audit.formats import html
from generator.audit.judging import Reading, report_of
from generator.errors import NewServiceError

from .test_readers import PLAN
from .test_sam import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.audit.engine import Report

COUNT = int(os.environ.get("NEW_SERVICE_FUZZ", "300"))
MOST_SECONDS = 2.0
CASES = REPOSITORY / "tests" / "cases"
SERVERLESS = """
service: shop
provider: {name: aws, runtime: python3.13, memorySize: 1024, stage: "${opt:stage, 'dev'}"}
params: {default: {warm: 2}}
custom: {warm: {dev: "${param:warm}"}, self: "${file(serverless.yml):custom}"}
functions:
  quote: {handler: app.quote, provisionedConcurrency: 2, events: [{sqs: arn:aws:sqs:us-east-1:1:q}]}
  warm: {handler: app.warm, provisionedConcurrency: "${self:custom.warm.${sls:stage}, env:WARM, 3}"}
resources: {Resources: {Nat: {Type: AWS::EC2::NatGateway}, Own: "${self:custom.self}"}}
"""
COPILOT = "name: api\ntype: Backend Service\ncount: {range: {min: 2, max: 5}}\ncpu: 256\nmemory: 512\n"
SERVICE = """
Parameters: {Size: {Type: Number, Default: 2}}
Conditions: {Big: !Equals [!Ref Size, 2]}
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Service:
    Type: AWS::ECS::Service
    Properties: {LaunchType: FARGATE, DesiredCount: !If [Big, !Ref Size, 0], TaskDefinition: !Ref Task}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {Cpu: 256, Memory: 512, RequiresCompatibilities: [FARGATE]}
  Group: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: !Sub '${Size}'}}
"""
TASK = json.dumps(
    {"family": "nightly", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "containerDefinitions": []}
)
ANSWERS = "_commit: v0.1.0\n_src_path: https://a.example/b.git\ntier: lambda\ndecision: {tier: lambda}\n"
JUSTIFIED = """
[[justification]]
id = 'host'
rules = ['SF101']
resources = ['*']
category = 'licence'
reason = 'The vendor licences by the socket of a host.'
alternatives = ['lambda']
owner = 'a'
approved_by = 'b'
created = 2026-11-01
expires = 2027-02-01
"""
LETTERS = "!{}[]:,-&*'\"\n\t 0aR$\\#|>%@`\u2028\ufeff\U0001f4a5"
# What a property may hold that nobody expects there.
STRANGE: list[Any] = [
    *(None, True, "", "0", "-1", "1e400", "${A}", "${", "AWS::NoValue", 0, -1, 10**30, 1.5e308, [], {}, [[]]),
    *({"Ref": "AWS::NoValue"}, {"Ref": []}, {"Ref": {"Ref": "A"}}, {"Fn::If": []}, {"Fn::If": ["A", 1, 2]}),
    *(
        {"Fn::GetAtt": ["A"]},
        {"Fn::GetAtt": 1},
        {"Fn::Sub": []},
        {"Fn::Sub": ["${x}", []]},
        {"Fn::Join": ["", 1]},
    ),
    *(
        {"Fn::Select": [99, ["a"]]},
        {"Fn::Select": ["x", []]},
        {"Fn::Split": ["", "a"]},
        {"Fn::FindInMap": ["A"]},
    ),
    *(
        {"Fn::Equals": [1]},
        {"Fn::And": {}},
        {"Fn::Not": []},
        {"Condition": "A"},
        {"Fn::ForEach::A": ["x", ["y"], 1]},
    ),
    *(
        {"Fn::Transform": {}},
        {"Fn::Base64": [1]},
        {"Fn::Cidr": []},
        "{{resolve:ssm:a}}",
        ["a"] * 50,
        {"a": {"b": [{}]}},
    ),
]


def seeds() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of a file of every language."""
    for path in (*sorted(CASES.glob("audit/*/*.yaml")), *sorted(CASES.glob("sam/*.yaml"))):
        yield "template.yaml", path.read_text(encoding="utf-8")
    yield "template.yaml", (REPOSITORY / "tests/golden/lambda/template.yaml").read_text(encoding="utf-8")
    yield "template.yaml", SERVICE
    yield "plan.json", json.dumps(PLAN)
    yield "serverless.yml", SERVERLESS
    yield "copilot/api/manifest.yml", COPILOT
    yield "task.json", TASK
    yield ".copier-answers.yml", ANSWERS
    yield ".new-service/justifications.toml", JUSTIFIED


SEEDS = list(seeds())


def damaged_text(chance: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(letters))
        letters[place] = chance.choice([*LETTERS, "", letters[place] * 2])
    return "".join(letters)


def damaged_tree(chance: random.Random, text: str) -> str:
    """Put strange values in the place of a few others."""
    try:
        tree = plain(documents.read(text)[0][0])
    except documents.DocumentError:
        return damaged_text(chance, text)
    for _ in range(chance.randint(1, 4)):
        places = list(_places(tree))
        if places:
            holder, key = chance.choice(places)
            if chance.random() < 0.2:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(chance.choice(STRANGE))
    return json.dumps(tree)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from _places(node[key])


def in_every_form(report: Report) -> None:
    for name in ("text", "contract", "sarif", "junit", "markdown"):
        import_module(f"generator.audit.formats.{name}").render(report)
    html.render(report, title="t", sources={})


@pytest.mark.parametrize("damage", [damaged_text, damaged_tree])
def test_damaged_files_are_judged_or_refused_soon(
    tmp_path: Path, damage: Callable[[random.Random, str], str]
) -> None:
    judged = 0
    for number in range(COUNT // 2):
        chance = random.Random(f"{damage.__name__} {number}")  # noqa: S311  it is no secret
        name, text = SEEDS[number % len(SEEDS)]
        made = damage(chance, text)
        root = tmp_path / str(number % 50)
        for old in [path for path in root.rglob("*") if path.is_file()]:
            old.unlink()
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(made, encoding="utf-8", newline="")

        began = time.process_time()
        try:
            report = report_of(str(root), Reading())
            in_every_form(report)
        except NewServiceError:
            continue
        except Exception as error:
            error.add_note(f"seed {number} of {damage.__name__}, {name}:\n{made[:3000]}")
            raise
        took = time.process_time() - began

        assert took < MOST_SECONDS, f"seed {number} took {took:.1f} s:\n{made[:3000]}"
        assert report.idle_usd_per_month >= 0
        judged += report.judged
    assert judged > COUNT / 30
