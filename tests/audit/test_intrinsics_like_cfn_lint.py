"""Intrinsic functions are resolved to what cfn-lint says they can be, nested at random."""

from __future__ import annotations

import json
import os
import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY, python_of, search_path, tool

from generator.audit import documents
from generator.audit.intrinsics import Resolver
from generator.audit.template import parse
from generator.audit.values import Unknown, text

if TYPE_CHECKING:
    from collections.abc import Sequence

ORACLE = REPOSITORY / "tests" / "audit" / "intrinsics_oracle.py"
COUNT = 300
TEMPLATE: dict[str, Any] = {
    "Transform": "AWS::LanguageExtensions",
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev"},
        "Size": {"Type": "String", "Default": "small"},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a,b,c"},
    },
    "Mappings": {
        "Sizes": {
            "dev": {"small": "1", "large": "2"},
            "prod": {"small": "10", "large": "20"},
            "lists": {"small": ["x", "y", "z"], "large": ["p", "q", "r"]},
        }
    },
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
}
# `${!Literal}` is left out: cfn-lint keeps the mark that CloudFormation takes away.
FIXED = [
    {"Fn::Sub": "${Stage}-${AWS::Region}"},
    {"Fn::Sub": ["${a}${Stage}", {"a": {"Fn::Join": ["-", ["x", {"Ref": "Size"}]]}}]},
    {"Fn::Select": ["1", {"Fn::Split": [",", {"Fn::Join": [",", {"Ref": "Zones"}]}]}]},
    {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, {"Ref": "Size"}]},
    {"Fn::FindInMap": ["Sizes", "absent", "small", {"DefaultValue": "none"}]},
    {"Fn::Join": ["", [{"Ref": "AWS::Partition"}, ":", {"Ref": "AWS::URLSuffix"}]]},
    {"Fn::If": ["IsProd", "big", {"Ref": "Size"}]},
]


def some_list(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(4 if depth else 2)
    if kind == 0:
        return {"Ref": "Zones"}
    if kind == 1:
        return [some_text(chance, depth - 1) for _ in range(3)]
    if kind == 2:
        return {"Fn::Split": ["-", {"Fn::Join": ["-", ["k", "l", some_text(chance, 0)]]}]}
    return {"Fn::FindInMap": ["Sizes", "lists", chance.choice(["small", "large"])]}


def some_text(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(7) if depth > 0 else chance.randrange(2)
    leaves = [chance.choice(["u", "v"]), {"Ref": chance.choice(["Stage", "Size"])}]
    if kind < len(leaves):
        return leaves[kind]
    return [
        lambda: {"Fn::Join": [chance.choice(["", "-", "/"]), some_list(chance, depth - 1)]},
        lambda: {"Fn::Select": [chance.randrange(3), some_list(chance, depth - 1)]},
        lambda: {"Fn::FindInMap": ["Sizes", chance.choice([{"Ref": "Stage"}, "prod"]), {"Ref": "Size"}]},
        lambda: {"Fn::Sub": ["${x}.${Stage}", {"x": some_text(chance, depth - 1)}]},
        lambda: {"Fn::If": ["IsProd", some_text(chance, depth - 1), some_text(chance, depth - 1)]},
    ][kind - 2]()


@pytest.fixture(scope="module")
def expressions() -> Sequence[Any]:
    chance = random.Random(20260101)  # noqa: S311  it is no secret
    made = [some_text(chance, 3) for _ in range(2 * COUNT)]
    return [*FIXED, *[one for one in made if isinstance(one, dict)][:COUNT]]


def resolved(expressions: Sequence[Any]) -> list[str | None]:
    """Return what this program makes of expressions; `None` for what it calls unknown."""
    resources = {
        f"R{number}": {"Type": "T", "Properties": {"P": one}} for number, one in enumerate(expressions)
    }
    [document], _ = documents.read(json.dumps({**TEMPLATE, "Resources": resources}))
    template = parse(document)
    resolver = Resolver(template=template, parameters={}, region="us-east-1")
    found = []
    for resource in template.resources.values():
        properties = resource.member("Properties")
        assert properties is not None
        value = resolver.resolve(properties).member("P")
        assert value is not None
        found.append(None if isinstance(value.data, Unknown) else text(value.data))
    return found


def test_value_is_one_that_cfn_lint_knows(expressions: Sequence[Any]) -> None:
    done = subprocess.run(
        [python_of(tool("cfn-lint")), ORACLE],
        input=json.dumps({"template": TEMPLATE, "expressions": expressions}),
        env={**os.environ, "PATH": search_path()},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = [[text(value) for value in values] for values in json.loads(done.stdout)]

    ours = resolved(expressions)

    assert None not in ours
    different = [
        (expression, mine, possible)
        for expression, mine, possible in zip(expressions, ours, theirs, strict=True)
        if possible and mine not in possible
    ]
    assert different == []
    assert sum(len(possible) == 1 for possible in theirs) > COUNT / 3
    assert sum(not possible for possible in theirs) < COUNT / 10
