"""Many repositories add up: services by tier, the share in three ways, the idle bill, the trend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generator.__main__ import main
from generator.audit.fleet import Share

if TYPE_CHECKING:
    from pathlib import Path

LAMBDA = "{Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Role: r}}"
SERVER = "{Type: AWS::EC2::Instance, Properties: {InstanceType: t3.small}}"
OPEN = "{Type: AWS::ECS::Service, Properties: {DesiredCount: 0, LaunchType: !Ref Kind}}"


@pytest.fixture
def fleet(tmp_path: Path) -> list[str]:
    for name, resources in (("shop", [LAMBDA] * 3), ("legacy", [SERVER]), ("open", [OPEN])):
        (tmp_path / name).mkdir()
        listed = "".join(f"  R{index}: {one}\n" for index, one in enumerate(resources))
        text = f"Parameters: {{Kind: {{Type: String}}}}\nResources:\n{listed}"
        (tmp_path / name / "template.yaml").write_text(text, encoding="utf-8")
    return [str(tmp_path / name) for name in ("shop", "legacy", "open")]


@pytest.mark.parametrize(
    ("share", "wanted"),
    [
        (Share(managed=0, total=0, unknown=0), (None, None, None)),
        (Share(managed=3, total=5, unknown=1), (75.0, 80.0, 60.0)),
        (Share(managed=0, total=2, unknown=2), (None, 100.0, 0.0)),
    ],
)
def test_share_counts_the_unknown_in_three_ways(
    share: Share, wanted: tuple[float | None, float | None, float | None]
) -> None:
    assert (share.percent, share.percent_if_managed, share.percent_if_not) == wanted


def test_fleet_is_a_table_with_totals_and_fails_below_the_goal(
    fleet: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *fleet]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["legacy", "open", "shop"]
    assert (
        "75.0% of it is on Lambda and Fargate (3 of 4); with 1 unknown: 60.0% to 80.0%; the goal is 95%."
        in lines
    )
    assert "At most 80.0% of the compute is on Lambda and Fargate, and the goal is 95%." in lines


def test_json_is_compared_with_an_earlier_one(
    fleet: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.json"
    main(["audit", *fleet, "--format", "json", "--output", str(before)])
    (tmp_path / "legacy" / "template.yaml").write_text(f"Resources:\n  R0: {LAMBDA}\n", encoding="utf-8")

    code = main(["audit", *fleet, "--format", "json", "--since", str(before)])

    summary = json.loads(capsys.readouterr().out)["summary"]
    assert code == 0
    assert summary["trend"] == {"idle_usd_per_month": -15.82, "errors": -2, "percent": 25.0}


def test_a_repository_that_cannot_be_judged_fails_and_does_not_stop_the_others(
    fleet: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", fleet[0], "absent"]) == 1

    said = capsys.readouterr().out
    assert "absent: audit absent: no such file or directory" in said
    assert "Compute: 3 on AWS Lambda." in said


def test_nothing_that_can_be_judged_is_wrong_usage() -> None:
    assert main(["audit", "absent", "missing"]) == 2


@pytest.mark.parametrize("options", [["--format", "sarif"], ["--strict"], ["--baseline", "x"]])
def test_what_is_about_one_repository_is_refused(fleet: list[str], options: list[str]) -> None:
    assert main(["audit", *fleet, *options]) == 2


def test_an_earlier_report_must_be_one(fleet: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]", encoding="utf-8")

    assert main(["audit", *fleet, "--since", str(tmp_path / "x.json")]) == 2


def test_names_are_short_and_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a/infra", "b/infra"):
        (tmp_path / name).mkdir(parents=True)

    main(["audit", str(tmp_path / "a/infra"), str(tmp_path / "b/infra"), "--format", "json"])

    names = [one["name"] for one in json.loads(capsys.readouterr().out)["repositories"]]
    assert names == ["a/infra", "b/infra"]


def test_page_escapes_what_a_repository_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "<b>x").mkdir()
    (tmp_path / "<b>x" / "t.yaml").write_text(f'Resources:\n  "<script>": {SERVER}\n', encoding="utf-8")

    main(["audit", str(tmp_path / "<b>x"), str(tmp_path), "--format", "html"])
    main(["audit", str(tmp_path / "<b>x"), "--format", "html"])

    pages = capsys.readouterr().out
    assert "&lt;script&gt;" in pages
    assert "<script>" not in pages
    assert "<b>x" not in pages
