"""A service moves: the repository follows, and what its owner wrote stays or conflicts visibly."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import yaml
from matrix import FULL
from projects import FIRST, Project, Workshop, git
from rendering import EXAMPLES, SERVICES, TASKS

from generator import answers, policy
from generator.errors import AnswersError
from generator.upgrade.templates import OWN_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HANDLER = "src/shipping_quotes/handlers/http.py"
RECORD_OF_THE_MOVE = {
    "docs/adr/0001-compute-tier.md",
    "docs/adr/0001-cost-curve.svg",
    "docs/adr/0002-compute-tier.md",
    "docs/migration-lambda-http-to-lambda-queue.md",
}
TO_QUEUE = ("trigger=event", "event_kind=queue")


def test_moved_repository_is_a_fresh_one_with_the_record_of_the_move(
    workshop: Workshop, project: Project
) -> None:
    report = workshop.upgrade(project, *TO_QUEUE)

    assert (report.conflicts, report.verdict.outcome) == ((), "moves")
    stored = answers.read(str(project.folder / ".copier-answers.yml"))
    workshop.render(workshop.folder / "fresh", **stored)
    fresh = Project(folder=workshop.folder / "fresh", top=workshop.folder / "fresh").files()
    moved = project.files()
    assert moved.keys() ^ fresh.keys() == RECORD_OF_THE_MOVE - {"docs/adr/0001-compute-tier.md"}
    different = {name for name in moved.keys() & fresh.keys() if moved[name] != fresh[name]}
    said = {name for name in different if b"0002-compute-tier.md" not in moved[name][0]}
    assert said == {".copier-answers.yml"}


def given(value: object) -> str:
    """Return an answer as `--data` takes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def data_from(before: Path, after: Path) -> list[str]:
    """Return what makes the workload of one example that of another."""
    facts = policy.load().facts
    old, new = (
        {key: value for key, value in answers.read(str(example)).items() if key in facts}
        for example in (before, after)
    )
    wanted = {**dict.fromkeys(old, ""), **new}
    return [f"{key}={given(value)}" for key, value in wanted.items()]


# Where a repository goes from Lambda, one tier after the other, and back.
WAYS = [
    *((name, (TASKS, EXAMPLES)) for name in sorted(TASKS.keys() & EXAMPLES.keys())),
    ("queue", (SERVICES, TASKS, SERVICES, EXAMPLES)),
]
OWNERS = ("untouched", "edited")
OTHERS = [name for name in EXAMPLES if name != "http"]
# Each of them by owners in turn, or by both.
MOVES = [
    (owner, name)
    for number, name in enumerate(OTHERS)
    for owner in (OWNERS if FULL else [OWNERS[number % 2]])
]


@pytest.mark.parametrize(("event_source", "way"), WAYS, ids=[f"{name}-{len(way)}" for name, way in WAYS])
def test_repository_that_moves_to_another_tier_and_back_is_as_a_fresh_one(
    workshop: Workshop, event_source: str, way: Sequence[Mapping[str, Path]]
) -> None:
    project = workshop.project(tag=OWN_TAG, event_source=event_source)
    places = [examples[event_source] for examples in (EXAMPLES, *way)]

    for number, (before, after) in enumerate(pairwise(places), start=2):
        report = workshop.upgrade(project, *data_from(before, after), commits=True)

        assert (report.state, report.verdict.outcome, report.conflicts) == ("committed", "moves", ())
        assert report.verdict.before.tier != (report.verdict.after and report.verdict.after.tier)
        stored = answers.read(str(project.folder / ".copier-answers.yml"))
        name = f"fresh-{number}"
        workshop.render(workshop.folder / name, **stored)
        fresh = Project(folder=workshop.folder / name, top=workshop.folder / name).files()
        moved = project.files()
        assert fresh.keys() - moved.keys() == set()
        added = moved.keys() - fresh.keys()
        assert report.guide_path in added
        assert {path for path in added if not path.startswith(("docs/adr/000", "docs/migration-"))} == set()
        different = {path for path in moved.keys() & fresh.keys() if moved[path] != fresh[path]}
        record = f"{number:04}-compute-tier.md".encode()
        told = {path for path in different if record not in moved[path][0]}
        # The old record is a superseded one; the answers file has the number of the new one.
        assert told <= {".copier-answers.yml", "docs/adr/0001-compute-tier.md"}


def test_old_record_is_superseded_and_shows_the_curve_that_it_was_decided_by(
    workshop: Workshop, project: Project
) -> None:
    old_curve, old_record = (
        project.read("docs/adr/cost-curve.svg"),
        project.read("docs/adr/0001-compute-tier.md"),
    )

    workshop.upgrade(project, *TO_QUEUE)

    superseded, record = (project.read(f"docs/adr/000{number}-compute-tier.md") for number in (1, 2))
    assert "Superseded by [0002](0002-compute-tier.md)." in superseded
    assert set(old_record.splitlines()) - set(superseded.splitlines()) == {
        "![Cost a month over requests a month, on each possible tier](cost-curve.svg)"
    }
    assert project.read("docs/adr/0001-cost-curve.svg") == old_curve
    assert record.startswith("# 2. Compute tier")
    assert "It supersedes [0001](0001-compute-tier.md)." in record


def test_record_gets_the_first_number_that_the_owner_left(workshop: Workshop, project: Project) -> None:
    project.write("docs/adr/0007-our-own.md", "# 7. Ours\n")
    project.commit()

    workshop.upgrade(project, *TO_QUEUE)

    decision = yaml.safe_load(project.read(".copier-answers.yml"))["decision"]
    assert (decision["number"], decision["supersedes"]) == (8, 1)
    assert "docs/adr/0008-compute-tier.md" in project.read("README.md")


def test_upgrade_after_a_move_leaves_both_records(workshop: Workshop, project: Project) -> None:
    workshop.upgrade(project, *TO_QUEUE, commits=True)
    before = project.files()

    report = workshop.upgrade(project)

    assert (report.state, project.files()) == ("current", before)


def test_handler_that_the_owner_changed_is_kept_and_told(workshop: Workshop, project: Project) -> None:
    project.append(HANDLER, "\nOURS = 1\n")
    project.commit()

    report = workshop.upgrade(project, *TO_QUEUE)

    (conflict,) = report.conflicts
    assert (conflict.path, conflict.state) == (HANDLER, "UD")
    assert conflict.commands == ((f"git add -- {HANDLER}", "keep it"), (f"git rm -- {HANDLER}", "let it go"))
    assert project.read(HANDLER).endswith("OURS = 1\n")
    assert project.status()[HANDLER] == "UD"
    assert report.exit_code == 1


def test_guide_is_told_and_lies_in_the_repository(workshop: Workshop, project: Project) -> None:
    report = workshop.upgrade(project, *TO_QUEUE)

    assert project.read(report.guide_path) == report.guide
    for heading in ("## What is in flight", "## Cut-over, in this order", "## Roll-back"):
        assert heading in report.guide


@pytest.mark.slow
@pytest.mark.parametrize(("owner", "after"), MOVES)
def test_every_event_source_is_reached_and_left_again(workshop: Workshop, after: str, owner: str) -> None:
    project = workshop.project(tag=OWN_TAG)
    if owner == "edited":
        for name in ("README.md", "Makefile", HANDLER):
            project.append(name, "# ours, and nobody else's\n")
        project.commit()
    said = {True: "yes", False: "no"}
    facts = {
        key: said[value] if isinstance(value, bool) else value
        for key, value in answers.read(str(EXAMPLES[after])).items()
        if key not in {"project_name", "description", "owner"}
    }

    there = workshop.upgrade(project, *(f"{key}={value}" for key, value in facts.items()))
    ours = git(project.folder, "grep", "-l", "nobody else's").split() if owner == "edited" else []
    if owner == "untouched":
        project.commit()
        back = workshop.upgrade(project, *BACK)
        assert (there.conflicts, back.conflicts) == ((), ())
        assert back.verdict.after is not None
        assert back.verdict.after.event_source == "http"
    else:
        assert {conflict.path for conflict in there.conflicts} >= {HANDLER}
        assert set(ours) >= {"README.md", "Makefile", HANDLER}


BACK = tuple(
    f"{key}={'' if value is None else value}"
    for key, value in {"trigger": "http", "longest_run_s": 5, "requests_per_month": 3_000_000}.items()
)


def test_wish_that_no_template_can_fulfil_changes_nothing(workshop: Workshop, project: Project) -> None:
    report = workshop.upgrade(project, "host_needs=gpu")

    assert (report.state, report.exit_code) == ("refused", 1)
    assert "the policy says no" in report.verdict.words
    assert project.status() == {}


def test_client_that_the_new_source_lacks_is_let_go(workshop: Workshop) -> None:
    project = workshop.project(tag=OWN_TAG, event_source="queue", aws_client="lean")

    report = workshop.upgrade(project, "trigger=http", "event_kind=")

    (change,) = [change for change in report.answers if change.kind == "dropped"]
    assert (report.verdict.outcome, change.key, change.before) == ("moves", "aws_client", "lean")
    assert not list(project.folder.glob("src/*/aws.py"))


def test_move_to_a_task_lets_go_of_what_tasks_do_not_have(workshop: Workshop) -> None:
    project = workshop.project(tag=OWN_TAG, event_source="job", aws_client="lean")

    report = workshop.upgrade(project, "longest_run_s=7200", "divisible=false")

    assert (report.verdict.outcome, report.conflicts) == ("moves", ())
    stored = yaml.safe_load(project.read(".copier-answers.yml"))
    assert (stored["tier"], stored["event_source"], stored["iac"]) == ("fargate-task", "job", "cdk")
    told = [str(change) for change in report.answers if change.kind == "dropped"]
    assert told == [
        "aws_client = lean: there is no client of its own for the tier `fargate-task`",
        "iac = sam: there is no SAM stack for the tier `fargate-task`; now cdk",
    ]
    assert "docs/adr/0002-compute-tier.md" in project.read("README.md")
    assert "Fargate task (job)" in project.read("docs/migration-lambda-job-to-fargate-task-job.md")
    workshop.render(workshop.folder / "fresh", **answers.read(str(project.folder / ".copier-answers.yml")))
    fresh = Project(folder=workshop.folder / "fresh", top=workshop.folder / "fresh").files()
    assert fresh.keys() - project.files().keys() == set()


def test_move_to_a_task_in_a_language_that_tasks_do_not_have_is_refused(workshop: Workshop) -> None:
    project = workshop.project(tag=OWN_TAG, event_source="job")

    with pytest.raises(AnswersError, match="iac"):
        workshop.upgrade(project, "longest_run_s=7200", "divisible=false", "iac=sam")

    assert project.status() == {}


def test_move_back_from_a_task_keeps_the_cdk(workshop: Workshop) -> None:
    project = workshop.project(tag=OWN_TAG, event_source="job", longest_run_s=7200, divisible=False)

    report = workshop.upgrade(project, "longest_run_s=60", "divisible=yes")

    stored = yaml.safe_load(project.read(".copier-answers.yml"))
    assert (report.verdict.outcome, report.conflicts) == ("moves", ())
    assert (stored["tier"], stored["iac"]) == ("lambda", "cdk")
    assert (project.folder / "docs/migration-fargate-task-job-to-lambda-job.md").exists()


def test_tier_that_would_be_another_today_is_told_and_not_followed(
    workshop: Workshop, project: Project
) -> None:
    stored = project.read(".copier-answers.yml")
    project.write(".copier-answers.yml", stored.replace("event_source: http", "event_source: job"))
    project.commit()

    report = workshop.upgrade(project, only_check=True)

    assert (report.verdict.outcome, report.exit_code) == ("elsewhere", 1)
    assert "would now go from AWS Lambda (job) to AWS Lambda (http)" in report.verdict.words


def test_first_release_moves_too(workshop: Workshop, project: Project) -> None:
    report = workshop.upgrade(project, *TO_QUEUE, commits=True)

    assert (report.before, report.after) == (FIRST, OWN_TAG)
    assert git(project.folder, "log", "-1", "--format=%s").strip() == (
        f"feat: move from lambda-http to lambda-queue, template {OWN_TAG}"
    )


def test_fact_that_is_taken_back_lets_the_service_return(workshop: Workshop) -> None:
    project = workshop.project(tag=OWN_TAG, event_source="job", memory_mb=20_000, fits_lambda_envelope="no")
    before = yaml.safe_load(project.read(".copier-answers.yml"))

    report = workshop.upgrade(project, "memory_mb=", "fits_lambda_envelope=yes")

    after = yaml.safe_load(project.read(".copier-answers.yml"))
    assert (report.verdict.outcome, report.conflicts) == ("moves", ())
    assert (before["tier"], before["memory_mb"]) == ("fargate-task", 20_000)
    assert after["tier"] == "lambda"
    assert after["memory_mb"] is None
