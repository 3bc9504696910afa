"""The command `audit`: what it prints in which form, and what its exit code says."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

NAT = "Resources:\n  Nat:\n    Type: AWS::EC2::NatGateway\n"
SERVICE = """Parameters:
  Tasks: {Type: Number}
Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      DesiredCount: !Ref Tasks
"""
CLEAN = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    return tmp_path


def put(repository: Path, text: str) -> None:
    (repository / "infra" / "template.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        pytest.param(CLEAN, [], 0, id="nothing to say"),
        pytest.param(NAT, [], 0, id="a warning"),
        pytest.param(NAT, ["--strict"], 1, id="a warning, strictly"),
        pytest.param(NAT, ["--idle-budget", "36"], 1, id="over the budget"),
        pytest.param(NAT, ["--idle-budget", "36.5"], 0, id="within the budget"),
        pytest.param(SERVICE, [], 0, id="unknown"),
        pytest.param(SERVICE, ["--require-judged"], 1, id="unknown, when it must be known"),
        pytest.param(SERVICE, ["--parameters", "Tasks=0"], 0, id="known to be zero"),
        pytest.param(SERVICE, ["--parameters", "Tasks=2"], 1, id="known to be two"),
        pytest.param("Resources:\n  A: {Type: AWS::SNS::Topic\n", [], 2, id="nothing can be read"),
        pytest.param(NAT, ["--parameters", "Tasks"], 2, id="a parameter without a value"),
        pytest.param(NAT, ["--idle-budget", "-1"], 2, id="a budget below zero"),
        pytest.param(NAT, ["--baseline", "absent.json"], 2, id="no baseline"),
        pytest.param(NAT, ["--format", "pdf"], 2, id="an unknown form"),
    ],
)
def test_exit_code(repository: Path, text: str, options: list[str], code: int) -> None:
    put(repository, text)

    assert main(["audit", str(repository), *options]) == code


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(tmp_path / "absent")]) == 2
    assert "no such file or directory" in capsys.readouterr().err


def test_an_unknown_amount_is_never_called_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(repository, SERVICE)

    main(["audit", str(repository)])

    said = " ".join(capsys.readouterr().out.split())
    assert "Nobody can tell whether Service bills while idle: parameter Tasks has no default." in said
    assert "unknown Service AWS::ECS::Service: parameter Tasks has no default" in said


def test_what_is_in_the_baseline_does_not_fail_but_ec2_does(repository: Path) -> None:
    machine = "  Server:\n    Type: AWS::EC2::Instance\n    Properties: {InstanceType: t3.small}\n"
    baseline = repository / "baseline.json"
    put(repository, SERVICE.replace("{Type: Number}", "{Type: Number, Default: 2}") + machine)
    main(["audit", str(repository), "--write-baseline", str(baseline)])
    # Lines move; the finding is still the same.
    put(repository, "# moved\n" + SERVICE.replace("{Type: Number}", "{Type: Number, Default: 2}") + machine)

    code = main(
        ["audit", str(repository), "--baseline", str(baseline), "--format", "json", "-o", f"{baseline}.out"]
    )

    report = json.loads(baseline.with_name("baseline.json.out").read_text(encoding="utf-8"))
    assert code == 1
    assert {finding["code"]: finding["baselined"] for finding in report["findings"]} == {
        "SF101": False,
        "SF201": True,
        "SF206": True,
    }


def test_json_is_the_same_wherever_and_whenever(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, NAT)
    other = tmp_path_factory.mktemp("elsewhere") / "copy"
    (other / "infra").mkdir(parents=True)
    put(other, NAT)
    texts = []
    for place, zone in ((repository, "Pacific/Kiritimati"), (other, "America/Los_Angeles")):
        monkeypatch.setenv("TZ", zone)
        file = place.parent / f"{place.name}.json"
        main(["audit", str(place), "--format", "json", "--output", str(file)])
        texts.append(file.read_bytes())

    assert texts[0] == texts[1]
    assert str(repository).encode() not in texts[0]


def test_sarif_declares_every_rule_and_points_below_the_root(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(repository, NAT)

    main(["audit", str(repository), "--format", "sarif"])

    [run] = json.loads(capsys.readouterr().out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    [result] = run["results"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "SF301"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/template.yaml", "uriBaseId": "ROOT"},
        "region": {"startLine": 2},
    }


def test_sarif_is_written_besides_the_report(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(repository, NAT)

    main(["audit", str(repository), "--sarif", str(tmp_path / "audit.sarif")])
    printed = capsys.readouterr().out
    main(["audit", str(repository), "--format", "sarif"])

    assert printed.startswith("warning: Nat")
    assert (tmp_path / "audit.sarif").read_text(encoding="utf-8") == capsys.readouterr().out


def test_junit_counts_what_fails(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(repository, SERVICE.replace("{Type: Number}", "{Type: Number, Default: 2}"))

    main(["audit", str(repository), "--format", "junit"])

    suite = ET.fromstring(capsys.readouterr().out)[0]  # noqa: S314  we wrote it
    assert (suite.get("failures"), int(suite.get("tests") or 0)) == ("1", len(suite))
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["SF201 Service"]


def test_markdown_keeps_its_table_whatever_a_name_is(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(repository, NAT.replace("Nat:", '"Na|t`<b>":'))

    main(["audit", str(repository), "--format", "markdown"])

    [row] = [line for line in capsys.readouterr().out.splitlines() if "SF301" in line]
    assert row.startswith("| warning | `Na\\|t'<b>` | $36.50 | SF301 nat-gateway | `infra/template.yaml:2` |")


def test_help_imports_no_parser() -> None:
    code = (
        "import sys; from generator.__main__ import main; main(['audit', '--help']); "
        "parsers = {'yaml', 'jinja2', 'copier', 'pathspec', 'tomllib'}; "
        "print(sorted(parsers & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_repository_without_terraform_is_judged_without_its_language(repository: Path) -> None:
    put(repository, NAT)
    code = (
        "import sys; from generator.__main__ import main; main(['audit', sys.argv[1]]); "
        "names = [name.rpartition('.')[2] for name in sys.modules]; "
        "print(sorted(n for n in names if n.startswith(('hcl2', 'lark', 'terraform_'))), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, repository], capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == "['terraform_blocks', 'terraform_code', 'terraform_plan']"


@pytest.mark.parametrize(
    ("tier", "wanted"),
    [
        ("lambda", []),
        ("fargate-task", ["The recorded decision is fargate-task, and what is declared is lambda."]),
    ],
)
def test_a_decision_that_the_code_does_not_follow_is_told(
    repository: Path, capsys: pytest.CaptureFixture[str], tier: str, wanted: list[str]
) -> None:
    put(repository, "Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Role: r}}\n")
    (repository / ".copier-answers.yml").write_text(f"tier: {tier}\ndecision: {{}}\n", encoding="utf-8")

    main(["audit", str(repository), "--format", "json"])

    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [one["message"] for one in findings] == wanted
