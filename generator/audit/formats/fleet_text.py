"""The report of a fleet for a terminal: a table of repositories, then what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.fleet import GOAL_PERCENT
from generator.audit.formats.text import TIERS, dollars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.audit.fleet import Fleet, Member

__all__ = ["markdown", "render", "rows", "totals"]

HEAD = (
    "repository",
    "Lambda",
    "task",
    "service",
    "EC2",
    "other",
    "unknown",
    "idle a month",
    "violations",
    "to renew",
)
_COLUMNS = ("lambda", "fargate-task", "fargate-service", "ec2", "other", "unknown")


def rows(fleet: Fleet) -> list[tuple[str, ...]]:
    """Return one row for each repository, the dearest first."""
    return [_row(member) for member in sorted(fleet.members, key=_dearest)]


def totals(fleet: Fleet) -> list[str]:
    """Return what the fleet adds up to, a sentence each."""
    share = fleet.share
    counts = ", ".join(
        f"{fleet.tiers[tier]} on {label}" for tier, label in TIERS.items() if fleet.tiers.get(tier)
    )
    lines = [f"Compute: {counts}." if counts else "No compute is declared."]
    if share.percent is not None:
        known = share.total - share.unknown
        said = f"{share.percent}% of it is on Lambda and Fargate ({share.managed} of {known})"
        if share.unknown:
            said += f"; with {share.unknown} unknown: {share.percent_if_not}% to {share.percent_if_managed}%"
        lines.append(f"{said}; the goal is {GOAL_PERCENT}%.")
    more = f"; {fleet.idle_unknown} more that nobody can price" if fleet.idle_unknown else ""
    lines.append(f"Idle bill: {dollars(fleet.idle_usd_per_month)} a month{more}.")
    if fleet.trend is not None:
        parts = [
            f"{fleet.trend.idle_usd_per_month:+,.2f} dollars a month",
            f"{fleet.trend.violations:+d} violations",
        ]
        if fleet.trend.percent is not None:
            parts.append(f"{fleet.trend.percent:+.1f} points of share")
        lines.append(f"Since the earlier report: {', '.join(parts)}.")
    return lines


def render(fleet: Fleet, *, colour: bool = False) -> str:
    """Return the report as text; colour only repeats what words say."""
    table = [HEAD, *rows(fleet)]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in table
    ]
    failed = [f"  {member.name}: {member.failed}" for member in fleet.members if member.failed]
    parts = [*lines, "", *totals(fleet)]
    if failed:
        parts += ["", "Not judged:", *failed]
    parts += [f"\x1b[31m{said}\x1b[0m" if colour else said for said in fleet.messages]
    return "\n".join(parts)


def markdown(fleet: Fleet) -> str:
    """Return the report as Markdown."""
    table = [f"| {' | '.join(HEAD)} |", f"|---|{'--:|' * (len(HEAD) - 1)}"]
    table += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows(fleet)]
    said: Sequence[str] = [*totals(fleet), *fleet.messages]
    return "\n".join(["## Serverless-first fleet", "", *table, "", *(f"- {line}" for line in said)])


def _dearest(member: Member) -> tuple[float, str]:
    return (-member.report.get("summary", {}).get("idle_usd_per_month", 0), member.name)


def _row(member: Member) -> tuple[str, ...]:
    if member.failed:
        return (member.name, *("-" for _ in HEAD[1:]))
    tiers, summary = member.tiers(), member.report["summary"]
    counts = (str(tiers[tier] or "") for tier in _COLUMNS)
    renew = member.count("SF102", "SF103", "SF402", "SF403")
    return (
        member.name,
        *counts,
        dollars(summary["idle_usd_per_month"]),
        str(summary["errors"] or ""),
        str(renew or ""),
    )
