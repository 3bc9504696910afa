"""What `upgrade` and `adopt` do, once the command line is parsed: calls, prints, and returns an exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator import terminal
from generator.errors import NewServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commands import Given
    from generator.upgrade.fleet import Result
    from generator.upgrade.one import Order

__all__ = ["upgrade"]


def upgrade(paths: Sequence[str], order: Order, given: Given, *, as_json: bool) -> int:
    """Upgrade projects and say what became of each; the exit code is the worst of theirs."""
    from generator.upgrade import fleet

    if order.only_check and (order.dry_run or order.commits or order.branch):
        raise NewServiceError("--check changes nothing", hint="leave out --dry-run, --commit and --branch")
    if order.dry_run and (order.commits or order.branch):
        raise NewServiceError("--dry-run changes nothing", hint="leave out --commit and --branch")
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
