"""`make audit` of a rendered repository runs this program, from where its template is published."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES, SERVICES, TASKS, excuse_from_today, render_example
from toolbox import REPOSITORY, search_path

from generator import prices, source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LEFT_OUT = "note: new-service audit is left out, as .copier-answers.yml names no published template"


@pytest.fixture(scope="module", params=["lambda", "fargate-task"])
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("audited") / "service"
    if request.param == "lambda":
        render_example(folder)
    else:
        render_example(folder, event_source="job", examples=TASKS)
    return folder


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environment |= {"PATH": search_path(), **variables}
    return subprocess.run(
        ["make", *words], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )


def from_place(folder: Path, place: str, release: str = "v1.2.3") -> None:
    path = folder / ".copier-answers.yml"
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("_src_path:", "_commit:"))
    ]
    path.write_text("\n".join([f"_commit: {release}", f"_src_path: {place}", *kept, ""]), encoding="utf-8")


@pytest.mark.parametrize(
    ("place", "url"),
    [
        (
            "https://git.example.com/platform/new-service.git",
            "https://git.example.com/platform/new-service.git",
        ),
        (
            "git@git.example.com:platform/new-service.git",
            "ssh://git@git.example.com/platform/new-service.git",
        ),
        ("ssh://git@git.example.com/new-service.git", "ssh://git@git.example.com/new-service.git"),
        ("gh:acme/new-service", "https://github.com/acme/new-service"),
        ("gl:acme/new-service", "https://gitlab.com/acme/new-service"),
    ],
)
def test_program_is_the_one_of_the_template_at_its_release(rendered: Path, place: str, url: str) -> None:
    from_place(rendered, place)

    planned = make(rendered, "--dry-run", "--always-make", "audit")

    command = f"tool run --from 'git+{url}@v1.2.3' new-service audit --sarif dist/audit.sarif"
    assert command in planned.stdout, planned.stderr


@pytest.mark.parametrize(
    "place", ["/home/someone/new-service", "../new-service", "https://new-service.invalid/new-service.git"]
)
def test_template_without_a_published_place_leaves_it_out_and_says_so(rendered: Path, place: str) -> None:
    from_place(rendered, place)

    planned = make(rendered, "--dry-run", "--always-make", "audit")

    assert "tool run --from 'git+" not in planned.stdout
    assert LEFT_OUT in " ".join(planned.stdout.split()).replace("\\ ", "")


def test_finding_fails_the_verb_and_stands_in_the_sarif(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    render_example(folder)
    makefile = folder / "Makefile"
    lines = makefile.read_text(encoding="utf-8").splitlines(keepends=True)
    # The other checks have tests of their own, and take a while.
    kept = [line for line in lines if "pytest tests/infra" not in line and "checkov" not in line]
    makefile.write_text("".join(kept), encoding="utf-8")
    program = f"{sys.executable} -m generator"
    call = {"NEW_SERVICE": program, "PYTHONPATH": str(REPOSITORY)}
    clean = make(folder, "audit", **call)
    (folder / "host.yaml").write_text("Resources:\n  Host: {Type: AWS::EC2::Instance}\n", encoding="utf-8")

    failed = make(folder, "audit", **call)

    assert (clean.returncode, failed.returncode) == (0, 2), clean.stderr
    assert "SF101 unjustified-ec2, host.yaml:2" in failed.stdout
    [run] = json.loads((folder / "dist" / "audit.sarif").read_text(encoding="utf-8"))["runs"]
    assert {one["ruleId"] for one in run["results"]} == {"SF101", "SF206"}


@pytest.mark.slow
def test_program_is_installed_from_a_git_address(tmp_path: Path) -> None:
    published = tmp_path / "new-service"
    ignored = shutil.ignore_patterns(".git", ".*_cache", ".venv", "tests", "docs", "benchmarks")
    shutil.copytree(REPOSITORY, published, ignore=ignored)
    (published / "CHANGELOG.md").touch()
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all", "--force"],
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "release"],
        ["tag", "v1.2.3"],
    ):
        subprocess.run(["git", *words], cwd=published, check=True)
    folder = tmp_path / "service"
    render_example(folder)
    from_place(folder, published.as_uri())
    program = make(folder, "--eval=show: ; @echo $(NEW_SERVICE)", "show").stdout.strip()

    done = subprocess.run(
        [*shlex.split(program), "audit"], cwd=folder, check=False, capture_output=True, text=True
    )

    assert "git+file://" in program
    assert (done.returncode, "1 template judged" in done.stdout) == (0, True), done.stderr


def test_rendered_test_and_audit_have_their_idle_conditions_from_the_same_data() -> None:
    table = json.loads((source.root() / "templates/_partials/idle_cost.json").read_text(encoding="utf-8"))
    known = prices.load().idle

    rendered = {
        **dict.fromkeys(table["bills_always"], ("bills", None)),
        **{name: ("bills", row["when"]) for name, row in table["bills_when"].items()},
        **dict.fromkeys(table["bills_stored_bytes"], ("storage", None)),
        **dict.fromkeys(table["bills_nothing"], ("none", None)),
    }
    judged = {
        name: (row.kind if row.kind in {"storage", "none"} else "bills", row.when and dict(row.when))
        for name, row in known.items()
    }
    assert rendered == judged


def test_every_example_is_clean_by_the_audit_of_this_program(tmp_path: Path) -> None:
    from generator.audit import judging

    judged = 0
    for event_source in EXAMPLES:
        folder = tmp_path / event_source
        render_example(folder, event_source=event_source)
        outcome = judging.outcome_of(folder)
        assert outcome.violations == (), event_source
        judged += int(str(outcome.counts["templates"]))
    assert judged == len(EXAMPLES)


@pytest.mark.parametrize(
    ("event_source", "examples"),
    # The second one has a justification, of which nobody knows yet what it excuses.
    [("http", EXAMPLES), ("sse", SERVICES)],
    ids=["function", "service"],
)
def test_app_that_has_not_run_yet_is_no_warning_in_its_first_minute(
    event_source: str, examples: Mapping[str, Path], tmp_path: Path
) -> None:
    from generator.audit import judging, outcome

    folder = tmp_path / "service"
    changed: dict[str, object] = {"iac": "cdk"}
    render_example(folder, changed, event_source, examples)
    excuse_from_today(folder)

    new = judging.outcome_of(folder)
    (folder / "host.yaml").write_text("Resources:\n  Host: {Type: AWS::EC2::Instance}\n", encoding="utf-8")
    with_a_template = judging.outcome_of(folder)

    assert new.lines == (outcome.AFTER_THE_CDK,)
    assert "1 template judged" in with_a_template.verdict
    assert any("cdk.json" in warning for warning in with_a_template.warnings)
