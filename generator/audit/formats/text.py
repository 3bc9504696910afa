"""The report for a terminal: resource and price first, then why and what to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from generator import amounts
from generator.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.audit.engine import Report
    from generator.audit.findings import Finding
    from generator.audit.units import Tier

__all__ = ["bill", "dollars", "line", "render", "verdict"]

WIDTH = 100
_COLOURS = {"error": "31", "warning": "33", "note": "36", "ok": "32", "dim": "2", "bold": "1"}
TIERS: Mapping[Tier, str] = {
    "lambda": "AWS Lambda",
    "fargate-task": "AWS Fargate task",
    "fargate-service": "AWS Fargate service",
    "ec2": "Amazon EC2",
    "other": "other",
    "unknown": "unknown",
}
"""The labels of the policy, which would take longer to read than most repositories do; a test compares."""


def render(report: Report, *, colour: bool = False) -> str:
    """Return the report as text; colour only repeats what words say."""

    def paint(text: str, kind: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if colour else text

    parts: list[str] = []
    open_ones = [finding for finding in report.findings if finding.counts]
    for finding in open_ones:
        parts += [
            _block(finding, paint(finding.severity, finding.severity), paint(_head(finding), "bold")),
            "",
        ]
    unknown = [finding for finding in report.findings if finding.certainty == "unknown"]
    if unknown:
        parts += ["Not known before deployment, so neither a violation nor compliant:"]
        parts += [_line(f"  {finding.file}:{finding.line}  {finding.message}") for finding in unknown] + [""]
    for title, listed in (
        (
            "Excused by a recorded justification:",
            [finding for finding in report.findings if finding.justification],
        ),
        ("Known from the baseline:", [finding for finding in report.findings if finding.baselined]),
    ):
        if listed:
            parts += [title]
            parts += [
                f"  {one.code}  {one.file}:{one.line}  {one.resource}  {one.justification}" for one in listed
            ] + [""]
    parts += [*_tiers(report), *_bill(report), ""]
    failed = bool(report.open_of("error"))
    parts.append(paint(verdict(report), "error" if failed else "ok"))
    return "\n".join(parts)


def verdict(report: Report) -> str:
    """Return the result in one sentence."""
    errors, warnings, unknown = (
        len(report.open_of("error")),
        len(report.open_of("warning")),
        sum(finding.certainty == "unknown" for finding in report.findings),
    )
    counts = [counted(errors, "violation"), counted(warnings, "warning")]
    if unknown:
        counts.append(f"{unknown} not known")
    return f"{', '.join(counts)}; {counted(report.judged, 'template')} judged."


def bill(report: Report) -> str:
    """Return the sum of the idle bill in one sentence; what nobody can price is said beside it."""
    if not report.judged:
        return "Idle bill: not known, because no template was judged."
    if not report.idle:
        return "Idle bill: nothing."
    unknown = sum(line.usd_per_month is None for line in report.idle)
    more = f" and {unknown} that nobody can price" if unknown else ""
    prices = f"list prices of {report.region}, {report.prices_as_of}"
    return f"Idle bill: {dollars(report.idle_usd_per_month)} a month{more} ({prices})."


def line(finding: Finding) -> str:
    """Return a finding on one line."""
    return f"{finding.severity} {finding.code} {_where(finding)}: {finding.message}"


def dollars(usd: float | None) -> str:
    """Return an amount for a person; an unknown one is never zero."""
    return "unknown" if usd is None else amounts.dollars(usd)


def _head(finding: Finding) -> str:
    price = ""
    if finding.resource and finding.idle_usd_per_month != 0:
        price = f"  {dollars(finding.idle_usd_per_month)} a month while idle"
    return f"{finding.resource or finding.file}{price}"


def _block(finding: Finding, severity: str, head: str) -> str:
    lines = [
        f"{severity}: {head}",
        f"  {finding.code} {finding.rule}, {_where(finding)}",
        _line(f"  {finding.message}"),
    ]
    if finding.property_path:
        sure = "" if finding.certainty == "certain" else f", {finding.certainty}"
        lines.append(_line(f"  {finding.property_path} = {finding.value}{sure}"))
    lines.append(_line(f"  Do: {finding.remedy}"))
    return "\n".join(lines)


def _where(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}" if finding.line else finding.file


def _line(text: str) -> str:
    indent = " " * (len(text) - len(text.lstrip()))
    wrapped = textwrap.wrap(
        text.strip(), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    )
    return "\n".join(wrapped)


def _tiers(report: Report) -> list[str]:
    counts = Counter(unit.tier for unit in report.units)
    if not counts:
        return ["No compute is declared."]
    shown = ", ".join(f"{counts[tier]} on {label}" for tier, label in TIERS.items() if counts[tier])
    return [f"Compute: {shown}."]


def _bill(report: Report) -> list[str]:
    known = [line for line in report.idle if line.usd_per_month is not None]
    unknown = [line for line in report.idle if line.usd_per_month is None]
    lines = [bill(report)]
    width = max((len(line.resource) for line in report.idle), default=0)
    lines += [f"  {dollars(line.usd_per_month):>10}  {line.resource:<{width}}  {line.type}" for line in known]
    lines += [f"  {'unknown':>10}  {line.resource:<{width}}  {line.type}: {line.why}" for line in unknown]
    return lines
