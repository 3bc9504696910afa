"""The report as SARIF 2.1.0, which code hosts show beside the lines; excused findings are suppressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from generator import __version__

if TYPE_CHECKING:
    from generator.audit.engine import Report
    from generator.audit.findings import Finding, Rule

__all__ = ["render"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """Return the report as SARIF, with every rule declared and addresses below the repository."""
    codes = [rule.code for rule in report.rules.values()]
    run = {
        "tool": {
            "driver": {
                "name": "new-service",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in report.rules.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The repository's root."}}},
        "results": [_result(finding, codes) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.title}."},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, codes: list[str]) -> dict[str, Any]:
    region = {"region": {"startLine": finding.line}} if finding.line else {}
    address = {"uri": quote(finding.file), "uriBaseId": "ROOT"}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": finding.severity if finding.counts or finding.justification else "note",
        "message": {"text": f"{finding.message} {finding.remedy}"},
        "locations": [{"physicalLocation": {"artifactLocation": address, **region}}],
        "partialFingerprints": {"newService/v1": finding.fingerprint},
        "properties": {
            "certainty": finding.certainty,
            "resource": finding.resource,
            "idleUsdPerMonth": finding.idle_usd_per_month,
        },
    }
    if finding.justification:
        said = f"Recorded as {finding.justification} in .new-service/justifications.toml."
        result["suppressions"] = [{"kind": "external", "justification": said}]
    elif finding.baselined:
        result["baselineState"] = "unchanged"
    return result
