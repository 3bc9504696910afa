"""The report as Markdown, for a pull request or a job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.formats.text import TIERS, dollars, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.audit.engine import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """Return the report as Markdown; what a repository wrote cannot break a table or make a link."""
    parts = ["## Serverless-first audit", "", verdict(report), ""]
    if report.findings:
        found = [
            (
                finding.severity if finding.counts else (finding.justification or finding.certainty),
                f"`{_code(finding.resource or '-')}`",
                dollars(finding.idle_usd_per_month),
                f"{finding.code} {finding.rule}",
                f"`{_code(finding.file)}:{finding.line}`",
                _text(finding.message),
            )
            for finding in report.findings
        ]
        parts += [*_table(("severity", "resource", "idle a month", "rule", "where", "what"), found), ""]
    if report.units:
        compute = [
            (
                f"`{_code(unit.resource.logical_id)}`",
                TIERS[unit.tier],
                _text(unit.why),
                f"`{_code(unit.resource.file)}`",
            )
            for unit in report.units
        ]
        parts += [*_table(("compute", "tier", "because", "where"), compute), ""]
    if report.idle:
        billed = [
            (
                dollars(line.usd_per_month),
                f"`{_code(line.resource)}`",
                f"`{_code(line.type)}`",
                _text(line.why),
            )
            for line in report.idle
        ]
        parts += [f"Idle bill: **{dollars(report.idle_usd_per_month)}** a month.", ""]
        parts += _table(("idle a month", "resource", "type", "why unknown"), billed)
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").replace("|", "\\|").split())


def _text(text: str) -> str:
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)
    return " ".join(escaped.split())
