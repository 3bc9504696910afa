"""Files that are built to exhaust, mislead or leave the repository are reported, and nothing of them runs."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from generator.audit import documents
from generator.audit.discovery import discover
from generator.audit.formats import contract

from .judging import judge_text

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(BOMB + TEMPLATE, "more than 200,000 values", id="aliases that multiply"),
        pytest.param("a: &a [*a]\n", "more than", id="an alias of itself"),
        pytest.param("[" * 5_000, "nested more than 1,000 deep", id="brackets without end"),
        pytest.param("- " * 5_000 + "x", "nested more than 1,000 deep", id="dashes without end"),
        pytest.param("[" * 500 + "]" * 500, "nested more than 100 deep", id="brackets"),
        pytest.param("a: b: c", "mapping values are not allowed", id="no YAML"),
        pytest.param("a: \x07", "control characters are not allowed", id="a bell"),
        pytest.param('{"a": 1,, "b": 2}', "", id="no JSON"),
        pytest.param(
            "a: !!python/object/apply:os.system [true]\nb: *missing", "undefined alias", id="a tag that runs"
        ),
    ],
)
def test_a_hostile_text_is_refused_at_once(text: str, problem: str) -> None:
    began = time.process_time()

    with pytest.raises(documents.DocumentError) as caught:
        documents.read(text)

    assert problem in caught.value.problem
    assert time.process_time() - began < 2


def test_a_tag_of_a_language_runs_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    text = TEMPLATE + f"Outputs: !!python/object/apply:os.system ['touch {marker}']\n"

    documents.read(text)

    assert not marker.exists()


def test_json_with_tabs_is_read() -> None:
    [document], _ = documents.read('{\n\t"Resources": {\n\t\t"A": {"Type": "AWS::SNS::Topic"}}}')

    assert document.member("Resources") is not None


def test_a_repeated_key_is_told_with_its_line() -> None:
    _, repeated = documents.read("Resources:\n  A: 1\n  A: 2\n")

    assert repeated == [(3, "A")]


def test_links_devices_and_ignored_files_are_not_read(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside.yaml", tmp_path / "repository"
    (root / "vendor").mkdir(parents=True)
    outside.write_text(TEMPLATE, encoding="utf-8")
    (root / "link.yaml").symlink_to(outside)
    (root / "circle").symlink_to(root)
    os.mkfifo(root / "pipe.yaml")
    os.mkfifo(root / "pipe.tf")
    (root / ".gitignore").write_text("vendor/\n", encoding="utf-8")
    (root / "vendor" / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (root / "template.yaml").write_text(TEMPLATE, encoding="utf-8")

    found = discover(root)

    assert [template.file for template in found.templates] == ["template.yaml"]


def test_what_the_cdk_made_is_read_although_git_ignores_it(tmp_path: Path) -> None:
    (tmp_path / "cdk.out" / "asset.1").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("cdk.out/\n", encoding="utf-8")
    (tmp_path / "cdk.json").write_text("{}", encoding="utf-8")
    for name in ("cdk.out/dev.template.json", "cdk.out/asset.1/x.template.json", "cdk.out/manifest.json"):
        (tmp_path / name).write_text('{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}', encoding="utf-8")

    found = discover(tmp_path)

    assert [template.file for template in found.templates] == ["cdk.out/dev.template.json"]
    assert found.unjudged == []


def test_an_app_that_is_not_synthesised_is_named(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{}", encoding="utf-8")

    [problem] = discover(tmp_path).unjudged

    assert (problem.file, problem.problem) == (
        "cdk.json",
        "the CDK app is not synthesised: run it, so that there is a cdk.out",
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"Resources:\n  A: {Type: AWS::SNS::Topic}\n  \xff: 1\n", "it is not UTF-8"),
        (b"Resources:\n  A: {Type: AWS::SNS::Topic}\n b: 1\n", "did not find expected"),
        (b"#" * 10_000_001 + b"\nResources: {A: {Type: AWS::SNS::Topic}}", None),
    ],
)
def test_a_template_that_cannot_be_read_is_a_problem_with_a_line(
    tmp_path: Path, content: bytes, problem: str | None
) -> None:
    (tmp_path / "template.yaml").write_bytes(content)

    found = discover(tmp_path)

    assert found.templates == []
    assert [one.problem for one in found.unreadable if problem and problem in one.problem] or problem is None
    assert all(one.line >= 1 for one in found.unreadable)


def test_twins_are_judged_once(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "stack.json").write_text(
        '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}', encoding="utf-8"
    )

    assert [template.file for template in discover(tmp_path).templates] == ["stack.yaml"]


@pytest.mark.parametrize("size", ["1.5e308", "1" + "0" * 400, "'1e300'", "10" * 7])
def test_a_number_beyond_any_bill_is_not_known_and_never_infinite(size: str) -> None:
    group = "{Type: AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: %s}}" % size  # noqa: UP031  braces
    text = f"Resources: {{One: {group}, Two: {group}, Three: {group}}}\n"

    report = judge_text(text)

    assert [line.usd_per_month for line in report.idle] == [None] * 3
    assert report.idle_usd_per_month == 0
    assert json.loads(contract.render(report))["summary"]["idle_unknown"] == 3
