"""The report as one page for a browser: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.audit.fleet import Share
from generator.audit.formats.text import TIERS, dollars, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from generator.audit.engine import Report
    from generator.audit.findings import Finding

__all__ = ["environment", "render"]

CONTEXT_LINES = 3


def render(report: Report, *, title: str, sources: Mapping[str, Sequence[str]]) -> str:
    """Return the page.

    Args:
        report: What was found.
        title: What was audited.
        sources: The lines of each file that a finding points into.
    """
    counts: Counter[str] = Counter(unit.tier for unit in report.units)
    share = Share.of(counts).percent
    tiers = [
        {"name": name, "label": label, "count": counts[name]} for name, label in TIERS.items() if counts[name]
    ]
    return (
        environment()
        .get_template("page.html.jinja")
        .render(
            report=report,
            title=title,
            verdict=verdict(report),
            errors=len(report.open_of("error")),
            warnings=len(report.open_of("warning")),
            dollars=dollars,
            share="-" if share is None else f"{share}%",
            tiers=tiers,
            bill=_bill(report),
            unpriced=[line for line in report.idle if line.usd_per_month is None],
            findings=[_finding(finding, sources) for finding in report.findings],
        )
    )


def environment() -> Environment:
    """Return what renders the pages; whatever a repository wrote is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _bill(report: Report) -> list[dict[str, Any]]:
    known = [line for line in report.idle if line.usd_per_month is not None]
    dearest = max((line.usd_per_month or 0 for line in known), default=0) or 1
    return [
        {
            "resource": line.resource,
            "type": line.type,
            "usd_per_month": line.usd_per_month,
            "width": round(100 * (line.usd_per_month or 0) / dearest, 1),
        }
        for line in known
    ]


def _finding(finding: Finding, sources: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    lines = sources.get(finding.file, ())
    first = max(finding.line - CONTEXT_LINES, 1)
    excerpt = [
        (number, line, number == finding.line)
        for number, line in enumerate(lines[first - 1 : finding.line + CONTEXT_LINES], first)
    ]
    state = "excused" if finding.justification else "known" if finding.baselined else finding.severity
    return {
        **{name: getattr(finding, name) for name in ("code", "rule", "message", "remedy", "file", "line")},
        **{name: getattr(finding, name) for name in ("property_path", "value", "certainty")},
        "severity": finding.severity if finding.counts else "quiet",
        "state": "unknown" if finding.certainty == "unknown" else state,
        "subject": finding.resource or finding.file,
        "price": dollars(finding.idle_usd_per_month)
        if finding.resource and finding.idle_usd_per_month != 0
        else "",
        "open": finding.counts and finding.severity == "error",
        "excerpt": excerpt if finding.line else [],
    }
