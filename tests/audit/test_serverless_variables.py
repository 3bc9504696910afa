"""Variables of the Serverless Framework are followed as far as the repository goes, and no further."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from generator.audit import documents
from generator.audit.judging import Reading, report_of
from generator.audit.readers.serverless_variables import filled_in
from generator.audit.values import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEAD = "service: shop\nprovider: {name: aws, runtime: python3.13}\n"
SERVICE = """
provider: {name: aws, stage: "${opt:stage, 'test'}"}
params:
  default: {warm: 3}
  prod: {warm: 9}
custom:
  size: 5
  list: [one, two]
  sizes: {test: 1, prod: 7}
  by_stage: "${self:custom.sizes.${sls:stage}}"
  loop: "${self:custom.other}"
  other: "${self:custom.loop}"
  all: "${file(more.yml)}"
asked: %s
"""
MORE = "memory: 512\nnested: {deep: '${self:custom.size}'}\n"


def filled(asked: str, **parameters: str) -> Value:
    """Return what a text becomes, in a service that has a file beside it."""
    [document], _ = documents.read(SERVICE % json.dumps(asked))
    [more], _ = documents.read(MORE)
    made = filled_in(document, {"more.yml": more}.get, parameters, "eu-west-1").member("asked")
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("plain", "plain"),
        ("${self:custom.size}", 5),
        ("${ self:custom.size }", 5),
        ("${self:custom.list.1}", "two"),
        ("a-${self:custom.size}-${self:provider.stage}", "a-5-test"),
        ("${opt:count, 2}", 2),
        ("${opt:count, -2.5}", -2.5),
        ("${opt:on, true}", True),
        ("${opt:name, 'a, b'}", "a, b"),
        ('${env:NAME, "x"}', "x"),
        ("${opt:count, self:custom.size}", 5),
        ("${opt:count, ${self:custom.size}}", 5),
        ("${opt:count, opt:other, ${self:none, 'last'}}", "last"),
        ("${self:custom.none, self:custom.size}", 5),
        ("${self:custom.by_stage}", 1),
        ("${param:warm}", 3),
        ("${sls:stage}", "test"),
        ("${aws:region}", "eu-west-1"),
        ("${file(more.yml):memory}", 512),
        ("${file(./none.yml):memory, 7}", 7),
        ("${file(more.yml):nested.deep}", 5),
        ("${self:custom.all.memory}", 512),
        # No variables of the framework.
        ("${AWS::Region}-${Table}", "${AWS::Region}-${Table}"),
        ("${AWS::Region}-${self:custom.size}", "${AWS::Region}-5"),
        ("${self:custom.size", "${self:custom.size"),
        ("}${", "}${"),
    ],
)
def test_variable_is_what_the_repository_says(asked: str, wanted: object) -> None:
    assert filled(asked).data == wanted


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("${env:NAME}", "variable env:NAME has no default"),
        ("${opt:a, opt:b}", "variable opt:a has no value"),
        ("${self:custom.none}", "variable self:custom.none has no default"),
        ("${ssm:/shop/size}", "the framework fills in ssm:/shop/size"),
        ("${cf:other.Output}", "the framework fills in cf:other.Output"),
        ("x-${ssm:/shop/size}", "the framework fills in ssm:/shop/size"),
        ("x-${self:custom.sizes}", "the framework fills in x-${self:custom.sizes}"),
        ("${file(made.js):size}", "only the framework reads made.js"),
        ("${file(none.yml):size}", "file(none.yml):size is not in the repository"),
        ("${self:custom.loop}", "${self:custom.loop} leads to itself"),
        ("${self:custom.sizes.${env:STAGE}}", "variable env:STAGE has no default"),
    ],
)
def test_what_only_a_deployment_knows_stays_unknown(asked: str, why: str) -> None:
    assert filled(asked).data == Unknown(why)


def test_what_is_given_comes_before_what_is_usual() -> None:
    assert filled("${self:custom.by_stage}", stage="prod").data == 7
    assert filled("${param:warm}", stage="prod").data == 9
    assert filled("${opt:count, 2}", count="4").data == "4"


def test_it_is_told_how_a_value_was_found() -> None:
    assert [origin.text for origin in filled("${opt:count, self:custom.size}").origins] == [
        "self:custom.size",
        "variable opt:count, default 5",
    ]
    assert [origin.text for origin in filled("${file(more.yml):memory}").origins] == ["file more.yml"]


def audited(
    root: Path, files: Mapping[str, str]
) -> tuple[list[tuple[str, int, str]], dict[str, float | None]]:
    for name, written in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(written, encoding="utf-8")
    report = report_of(str(root), Reading())
    return (
        [(one.code, one.line, one.resource) for one in report.findings if one.code.startswith("SF3")],
        {line.resource: line.usd_per_month for line in report.idle},
    )


@pytest.mark.parametrize("service", ["", "services/shop"])
def test_included_resources_are_found_where_they_are_included(tmp_path: Path, service: str) -> None:
    place = f"{service}/" if service else ""
    findings, bill = audited(
        tmp_path,
        {
            f"{place}serverless.yml": f"{HEAD}resources:\n  - ${{file(parts/network.yml)}}\n  - Resources:\n"
            "      Second: ${file(parts/nat.yml)}\n",
            # A template of its own, too; it is not billed twice.
            f"{place}parts/network.yml": "\n\nResources:\n  Nat: {Type: AWS::EC2::NatGateway}\n",
            f"{place}parts/nat.yml": "\n\n\nType: AWS::EC2::NatGateway\n",
        },
    )

    assert findings == [("SF301", 4, "Nat"), ("SF301", 6, "Second")]
    assert bill == {"Nat": 36.5, "Second": 36.5}


@pytest.mark.parametrize(
    "asked", ["${file(serverless.yml):custom.size}", "${file(template.yml):Description}"]
)
def test_what_is_asked_for_a_word_is_judged_all_the_same(tmp_path: Path, asked: str) -> None:
    nat = "{Type: AWS::EC2::NatGateway}"

    _, bill = audited(
        tmp_path,
        {
            "serverless.yml": f"{HEAD}custom: {{size: 1, asked: '{asked}'}}\n"
            f"resources: {{Resources: {{Nat: {nat}}}}}\n",
            "template.yml": f"Description: shop\nResources: {{Other: {nat}}}\n",
        },
    )

    assert bill == {"Nat": 36.5, "Other": 36.5}


def test_a_file_outside_of_the_repository_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "nat.yml").write_text("Type: AWS::EC2::NatGateway\n", encoding="utf-8")
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "link.yml").symlink_to(tmp_path / "nat.yml")

    findings, bill = audited(
        tmp_path / "repository",
        {
            "serverless.yml": f"{HEAD}resources:\n  Resources:\n    Nat: ${{file(../nat.yml)}}\n"
            "    Other: ${file(link.yml)}\n"
        },
    )

    assert (findings, bill) == ([], {})


def test_variables_cannot_be_made_to_explode() -> None:
    lines = [f"a{number}: ['${{self:a{number + 1}}}', '${{self:a{number + 1}}}']" for number in range(30)]
    texts = [f"b{number}: '${{self:b{number + 1}}}${{self:b{number + 1}}}'" for number in range(30)]
    deep = [f"c{number}: {'[' * 60}'${{self:c{number + 1}}}'{']' * 60}" for number in range(30)]
    unended = f"d: '{'${' * 900}'"
    ends = ["a30: x", f"b30: {'y' * 40_000}", "c30: z"]
    document = "\n".join([*lines, *texts, *deep, *ends, unended])
    [read], _ = documents.read(document)
    began = time.process_time()

    made = filled_in(read, lambda _: None, {}, "us-east-1")

    assert isinstance(made.data, dict)
    assert time.process_time() - began < 20
