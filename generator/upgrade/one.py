"""Upgrades one project: reads it, decides again, renders twice, merges once."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from generator import answers as answer_files
from generator import source
from generator.errors import ProjectError, RenderError
from generator.upgrade import (
    applying,
    changelog,
    changes,
    checkout,
    journal,
    locking,
    merging,
    moving,
    stored,
)
from generator.upgrade.deciding import Wish, decide_again
from generator.upgrade.moving import Move
from generator.upgrade.report import Report
from generator.upgrade.templates import OWN_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.audit.outcome import Outcome
    from generator.policy import Policy
    from generator.upgrade.deciding import Redecision
    from generator.upgrade.merging import Merge
    from generator.upgrade.stored import Stored
    from generator.upgrade.templates import Templates

__all__ = ["Order", "upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done with each project.

    Attributes:
        wish: Answers to change, and whether to follow the decision.
        only_check: Tell whether an upgrade is due, rendering nothing.
        dry_run: Show the merge, changing nothing.
        commits: Commit a merge without conflicts.
        branch: Branch to put the merge on; empty for the one that is checked out.
        template_url: Another place of the templates that the person vouches for.
    """

    wish: Wish
    only_check: bool = False
    dry_run: bool = False
    commits: bool = False
    branch: str = ""
    template_url: str = ""


def upgrade(named: str, order: Order, rules: Policy, templates: Templates, *, today: date) -> Report:
    """Upgrade one project, or say what an upgrade would do.

    Args:
        named: The project's folder as it was named.
        order: What to do.
        rules: The policy.
        templates: Gives the templates of each release.
        today: The day that a changed decision record shows.

    Raises:
        ProjectError: The project cannot be upgraded as it is.
        AnswersError: A given answer is wrong.
        RenderError: One of the two releases cannot be rendered.
        GitError: Git refused.
    """
    folder = Path(named).resolve()
    if not folder.is_dir():
        raise ProjectError(f"{named} is no folder")
    if not order.only_check:
        journal.mend(folder, looks=order.dry_run)
    project = stored.read(folder, allowed_url=order.template_url)
    _refuse_newer(named, project)
    redecision = decide_again(project, rules, order.wish, today=today)
    report = Report(
        folder=named,
        state="current",
        before=project.tag,
        after=OWN_TAG,
        verdict=redecision.verdict,
        changelog=changelog.between(_changelog(), project.version, _version()),
    )
    if order.only_check:
        return replace(report, state="due" if project.tag != OWN_TAG else "current")
    place = checkout.find(folder)
    checkout.refuse_unfinished_work(place)
    checkout.refuse_what_git_does_not_know(place, answer_files.ANSWERS_FILE)
    if not order.dry_run:
        checkout.refuse_cut_off_history(place)
        checkout.refuse_branch(place, order.branch, commits=order.commits)
    if redecision.verdict.outcome == "refused" and order.wish.follows:
        return replace(report, state="refused")
    with tempfile.TemporaryDirectory(dir=templates.scratch) as scratch:
        work = _Work(place=place, project=project, redecision=redecision, scratch=Path(scratch))
        return _merged(work, order, templates, report)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One project while it is worked on."""

    place: checkout.Checkout
    project: Stored
    redecision: Redecision
    scratch: Path


def _merged(work: _Work, order: Order, templates: Templates, report: Report) -> Report:
    """Render, merge, and complete the report."""
    old, new = work.scratch / "old", work.scratch / "new"
    project, redecision, move = work.project, work.redecision, _move(work)
    wanted = move.with_number(redecision.answers) if move else redecision.answers
    _render_old(project, templates, old)
    _render(templates, wanted, OWN_TAG, project.url, new)
    _audit(new).refuse_own_fault()
    after = stored.read(new, allowed_url=order.template_url).answers
    answers = changes.compare(_questions(project.answers), _questions(after), redecision.dropped)
    if move:
        moving.leave_record(move, old, new)
        report = replace(report, guide=move.guide, guide_path=move.guide_path)
    manner = merging.Manner(subject=_subject(report, move), follows_renames=move is None)
    bench = merging.bench(work.place, work.scratch, writes=not order.dry_run)
    merge = merging.prepare(bench, old, new, manner)
    relocked = locking.relock(bench, merge, work.scratch)
    if relocked.put_into(old, new):
        merge = merging.prepare(bench, old, new, manner)
    report = replace(
        report, answers=answers, files=merge.files, conflicts=merge.conflicts, lock_note=relocked.note
    )
    if not merge.files and not merge.conflicts:
        return report
    return replace(report, state="previewed") if order.dry_run else _applied(work, order, merge, report)


def _move(work: _Work) -> Move | None:
    """Return the move that the decision asks for; None when the service stays where it is."""
    verdict = work.redecision.verdict
    if verdict.outcome != "moves" or verdict.after is None:
        return None
    return Move(
        before=verdict.before,
        after=verdict.after,
        superseded=int(str(work.project.decision.get("number", 1))),
        number=moving.next_number(work.place.folder),
        labels=work.redecision.decision.tier_labels,
    )


def _applied(work: _Work, order: Order, merge: Merge, report: Report) -> Report:
    applying.apply(work.place, merge, branch=order.branch)
    audit = None if merge.conflicts else _audit(work.place.folder)
    report = replace(report, state="merged", branch=order.branch, audit=audit)
    if order.commits and not merge.conflicts:
        applying.commit(work.place, merge)
        return replace(report, state="committed")
    return report


def _audit(folder: Path) -> Outcome:
    # A look at what is due needs none.
    from generator.audit import judging

    return judging.outcome_of(folder)


def _render_old(project: Stored, templates: Templates, folder: Path) -> None:
    try:
        _render(templates, project.answers, project.tag, project.url, folder)
    except RenderError as error:
        raise ProjectError(
            f"the stored answers do not fit {project.tag}, which they name: {error.message}",
            hint=f"put back what `git log -p -- {answer_files.ANSWERS_FILE}` shows; --data changes an answer",
        ) from error


def _render(templates: Templates, answers: Mapping[str, object], tag: str, url: str, folder: Path) -> None:
    from generator import render
    from generator.plan import RenderPlan

    template = templates.at(tag, url)
    asked = render.questions(template)
    known = {key: value for key, value in answers.items() if key in asked}
    render.render(RenderPlan(tier=str(answers["tier"]), answers=known, template=template), folder)


def _questions(answers: Mapping[str, object]) -> dict[str, object]:
    """Return the answers of a person, without what was decided."""
    return {key: value for key, value in answers.items() if key not in answer_files.DECIDED_KEYS}


def _subject(report: Report, move: Move | None) -> str:
    if move:
        return f"feat: move from {move.before.name} to {move.after.name}, template {report.after}"
    return f"chore: upgrade the service template from {report.before} to {report.after}"


def _refuse_newer(named: str, project: Stored) -> None:
    if project.version > _version():
        raise ProjectError(
            f"{named} was made by {project.tag}, which is newer than this new-service ({OWN_TAG}); "
            "it does not go back",
            hint=f"install new-service {project.tag[1:]} or newer",
        )


def _version() -> tuple[int, ...]:
    from generator import releases

    return releases.key(OWN_TAG) or ()


def _changelog() -> str:
    file = source.root() / "CHANGELOG.md"
    return file.read_text(encoding="utf-8") if file.is_file() else ""
