"""What `audit` does with many repositories: judges them side by side, and adds them up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from generator import processes, terminal
from generator.audit import fleet
from generator.audit.command import write
from generator.audit.formats import contract, fleet_text
from generator.audit.judging import report_of
from generator.errors import NewServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.audit.judging import Reading

__all__ = ["FleetForm", "Wanted", "audit"]

FleetForm = Literal["text", "json", "sarif", "junit", "markdown", "html"]
"""As for one repository; SARIF and JUnit are about one, so the command line refuses them here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the caller asked for.

    Attributes:
        paths: The repositories.
        earlier: An earlier report of the same fleet as JSON, to compare with; empty for none.
        idle_budget_usd: More than this a month while idle is a violation; `None` for no bound.
    """

    paths: Sequence[str]
    reading: Reading
    form: FleetForm
    output: str
    earlier: str
    idle_budget_usd: float | None


def audit(wanted: Wanted) -> int:
    """Audit a fleet.

    Returns:
        0 when the policy holds everywhere, 1 when it does not, 2 when no repository could be judged.

    Raises:
        NewServiceError: The earlier report or the output cannot be used.
    """
    earlier = _earlier(wanted.earlier)
    made = fleet.fleet_of(_members(wanted), earlier=earlier)
    text = _rendered(made, wanted)
    if wanted.output:
        write(wanted.output, text)
    else:
        terminal.data(text)
    failed = [member for member in made.members if member.failed]
    if len(failed) == len(made.members):
        return 2
    over = wanted.idle_budget_usd is not None and made.idle_usd_per_month > wanted.idle_budget_usd
    return 1 if made.violations or failed or made.messages or over else 0


def _members(wanted: Wanted) -> list[fleet.Member]:
    """Judge every repository, as many at once as there are processors, and say how far it is."""
    names = _names(wanted.paths)
    order = [_Order(path=path, reading=wanted.reading) for path in names]
    found = []
    for done, (one, (report, failed)) in enumerate(processes.worked(_judged, order), 1):
        found.append(fleet.Member(name=names[one.path], report=report, failed=failed))
        if terminal.is_watched():
            terminal.say(f"{done}/{len(order)}  {names[one.path]}")
    return found


def _names(paths: Sequence[str]) -> dict[str, str]:
    """Return the shortest name of each path that tells it from the others; each path counts once."""
    parts = {path: Path(path).resolve().parts for path in dict.fromkeys(paths)}
    for length in range(1, max((len(some) for some in parts.values()), default=1) + 1):
        names = {path: "/".join(some[-length:]) for path, some in parts.items()}
        if len(set(names.values())) == len(names):
            return names
    return {path: path for path in parts}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """A repository that a process is to judge."""

    path: str
    reading: Reading


def _judged(order: _Order) -> tuple[dict[str, Any], str]:
    try:
        return contract.as_values(report_of(order.path, order.reading)), ""
    except NewServiceError as error:
        return {}, error.message


def _earlier(file: str) -> dict[str, Any] | None:
    if not file:
        return None
    try:
        found: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        found["summary"]["share"]["percent"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "give what `new-service audit PATH... --format json` wrote"
        raise NewServiceError(f"--since {file}: no report of a fleet", hint=hint) from error
    return found


def _rendered(made: fleet.Fleet, wanted: Wanted) -> str:
    if wanted.form == "json":
        return json.dumps(fleet.as_values(made), indent=2, ensure_ascii=False)
    if wanted.form == "markdown":
        return fleet_text.markdown(made)
    if wanted.form == "html":
        from generator.audit.formats import fleet_html

        return fleet_html.render(made)
    return fleet_text.render(made, colour=not wanted.output and terminal.use_colour())
