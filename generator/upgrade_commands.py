"""What `upgrade` and `adopt` do, once the command line is parsed: calls, prints, and returns an exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator import terminal
from generator.errors import NewServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commands import Given
    from generator.upgrade.fleet import Result
    from generator.upgrade.one import Order

__all__ = ["Adopting", "adopt", "upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopting:
    """How a repository is to be adopted.

    Attributes:
        path: The repository, or a folder in it.
        dry_run: Show the merge, changing nothing.
        commits: Commit it when no file was there before.
        branch: Branch to put it on; empty for the one that is checked out.
        template_url: Recorded as the template's place; empty for the published one.
        as_json: Write the result as JSON.
    """

    path: str
    dry_run: bool = False
    commits: bool = False
    branch: str = ""
    template_url: str = ""
    as_json: bool = False


def adopt(given: Given, wanted: Adopting) -> int:
    """Merge what a service has and a repository lacks into the repository, overwriting nothing."""
    from generator import commands, explain
    from generator.upgrade import adoption, applying, fleet

    if wanted.dry_run and (wanted.commits or wanted.branch):
        raise _CHANGES_NOTHING
    folder = Path(wanted.path).resolve()
    place = adoption.find(folder, branch=wanted.branch, commits=wanted.commits, dry_run=wanted.dry_run)
    decision, plan = commands.plan_for(given, default_name=folder.name, template_url=wanted.template_url)
    if plan is None:
        terminal.data(explain.text(decision))
        terminal.say(f"\nnothing was changed: {decision.obstacle}")
        return 1
    with fleet.scratch() as scratch, terminal.progress("rendering and merging"):
        merge = adoption.adopt(place, plan, scratch, branch=wanted.branch, dry_run=wanted.dry_run)
        commits = wanted.commits and not merge.conflicts
        if commits:
            applying.commit(place, merge)
    result = adoption.Adoption(
        folder=wanted.path,
        done=not wanted.dry_run,
        committed=commits,
        sentence=explain.sentence(decision),
        files=merge.files,
        conflicts=merge.conflicts,
    )
    terminal.data(adoption.as_json(result) if wanted.as_json else adoption.as_text(result))
    return result.exit_code


_CHANGES_NOTHING = NewServiceError("--dry-run changes nothing", hint="leave out --commit and --branch")


def upgrade(paths: Sequence[str], order: Order, given: Given, *, as_json: bool) -> int:
    """Upgrade projects and say what became of each; the exit code is the worst of theirs."""
    from generator.upgrade import fleet

    if order.only_check and (order.dry_run or order.commits or order.branch):
        raise NewServiceError("--check changes nothing", hint="leave out --dry-run, --commit and --branch")
    if order.dry_run and (order.commits or order.branch):
        raise _CHANGES_NOTHING
    with terminal.progress("rendering and merging"):
        results = fleet.upgrade_all(paths, order, given.load_policy(), today=datetime.now(tz=UTC).date())
    _print(results, as_json=as_json)
    return max(result.exit_code for result in results)


def _print(results: Sequence[Result], *, as_json: bool) -> None:
    from generator.upgrade import report
    from generator.upgrade.report import Failure

    failures = [result for result in results if isinstance(result, Failure)]
    if as_json:
        terminal.data(json.dumps(report.as_json(results), indent=2, ensure_ascii=False))
    elif len(results) > 1:
        terminal.data(report.as_table(results))
    elif not failures:
        terminal.data(
            "\n\n".join(report.as_text(result) for result in results if not isinstance(result, Failure))
        )
    for failure in failures:
        terminal.say(f"error: {failure.message}")
        if failure.hint:
            terminal.say(f"\nhint: {failure.hint}")
