from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from generator import policy
from scripts import generate

ROOT = Path(__file__).parent.parent
RULES = policy.load()
FROM_POLICY = {path: generate.GENERATED[path] for path in (Path("copier.yml"), Path("docs/policy.md"))}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the generated files as they are committed."""
    for path in FROM_POLICY:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    return tmp_path


def questions() -> dict[str, dict[str, object]]:
    loaded = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return {name: loaded[name] for name in RULES.facts}


def test_committed_files_are_fresh(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check", "--root", str(checkout)], FROM_POLICY) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", FROM_POLICY, ids=str)
def test_stale_file_fails_the_check_with_a_diff_and_is_written_anew(
    checkout: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = (checkout / path).read_text(encoding="utf-8")
    stale = fresh.replace("How much memory does one unit of work need?", "How big?")
    (checkout / path).write_text(stale, encoding="utf-8")

    failed = generate.main(["--check", "--root", str(checkout)], FROM_POLICY)
    report = capsys.readouterr()
    written = generate.main(["--root", str(checkout)], FROM_POLICY)

    assert (failed, written) == (1, 0)
    assert f"--- {path} as it is" in report.out
    assert any(line.startswith("-") and "How big?" in line for line in report.out.splitlines())
    assert "run `make generate`" in report.err
    assert (checkout / path).read_text(encoding="utf-8") == fresh


def test_check_writes_nothing(checkout: Path) -> None:
    (checkout / "docs/policy.md").write_text("stale\n", encoding="utf-8")

    generate.main(["--check", "--root", str(checkout)], FROM_POLICY)

    assert (checkout / "docs/policy.md").read_text(encoding="utf-8") == "stale\n"


def test_copier_asks_every_fact_with_its_question() -> None:
    prompts = {name: fact.prompt for name, fact in RULES.facts.items()}

    assert [
        name for name, question in questions().items() if prompts[name] not in str(question["help"])
    ] == []


def test_copier_takes_null_for_what_is_not_answered_and_text_as_text() -> None:
    kinds = {name: (question["type"], question["default"]) for name, question in questions().items()}

    texts = {"justification_text", "justification_owner", "justification_review_date"}
    assert kinds.pop("trigger") == ("str", "http")
    assert {name for name, kind in kinds.items() if kind == ("str", "")} == texts
    assert {name for name, kind in kinds.items() if kind == ("yaml", None)} == set(kinds) - texts


def test_copier_file_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="facts:begin"):
        generate.GENERATED[Path("copier.yml")](RULES, "_min_copier_version: '9'\n")


def test_page_shows_each_limit_with_bound_condition_source_and_date() -> None:
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}

    assert set(RULES.limits) <= set(rows)
    assert set(RULES.warnings) <= set(rows)
    assert set(RULES.assumptions) <= set(rows)
    row = rows["apigw_ws.duration"]
    assert "`connection_max_min` at most 120 min" in row
    assert "trigger is connection_in and protocol is websocket; unless reconnect_ok is yes" in row
    assert f"[2026-11-23]({RULES.limits['apigw_ws.duration'].source})" in row
