"""The report as JSON: versioned, the same bytes for the same repository wherever and whenever it is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.audit.engine import Report
    from generator.audit.findings import Finding

__all__ = ["SCHEMA_VERSION", "as_values", "render"]

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """Return the report as JSON."""
    return json.dumps(as_values(report), indent=2, ensure_ascii=False, allow_nan=False)


def as_values(report: Report) -> dict[str, Any]:
    """Return the report as plain values, in the form of `docs/audit.schema.json`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "prices": {"as_of": report.prices_as_of.isoformat(), "region": report.region},
        "templates": report.judged,
        "summary": {
            "errors": len(report.open_of("error")),
            "warnings": len(report.open_of("warning")),
            "notes": len(report.open_of("note")),
            "excused": sum(bool(finding.justification) for finding in report.findings),
            "unknown": sum(finding.certainty == "unknown" for finding in report.findings),
            "idle_usd_per_month": report.idle_usd_per_month,
            "idle_unknown": sum(line.usd_per_month is None for line in report.idle),
        },
        "units": [
            {
                "file": unit.resource.file,
                "line": unit.resource.line,
                "resource": unit.resource.logical_id,
                "type": unit.resource.type,
                "tier": unit.tier,
                "why": unit.why,
            }
            for unit in report.units
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "idle": [
            {
                "file": line.file,
                "line": line.line,
                "resource": line.resource,
                "type": line.type,
                "usd_per_month": _cents(line.usd_per_month),
                "why_unknown": line.why,
            }
            for line in report.idle
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "resource": finding.resource,
        "type": finding.type,
        "property": finding.property_path,
        "value": finding.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "idle_usd_per_month": _cents(finding.idle_usd_per_month),
        "certainty": finding.certainty,
        "justification": finding.justification,
        "baselined": finding.baselined,
        "fingerprint": finding.fingerprint,
    }


def _cents(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 2)
