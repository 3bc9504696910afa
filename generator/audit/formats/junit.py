"""The report as JUnit XML: a test case for each rule and file, so that any CI shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from generator.audit.engine import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """Return the report as JUnit XML: warnings pass with words, what is excused or unknown is skipped."""
    failed = report.open_of("error")
    skipped = [finding for finding in report.findings if not finding.counts]
    root = ET.Element("testsuites")
    counts = {"tests": str(len(report.rules)), "failures": "0", "skipped": "0", "errors": "0"}
    suite = ET.SubElement(root, "testsuite", {"name": "new-service audit", **counts})
    cases = 0
    for rule in report.rules.values():
        found = [finding for finding in report.findings if finding.rule == rule.name]
        for finding in found:
            name = f"{finding.code} {finding.resource or finding.file}"
            case = ET.SubElement(
                suite, "testcase", {"classname": rule.name, "name": name, "file": finding.file}
            )
            case.set("line", str(finding.line))
            text = f"{finding.file}:{finding.line} {finding.message} {finding.remedy}"
            if finding in failed:
                ET.SubElement(case, "failure", {"message": finding.message, "type": finding.code}).text = text
            elif finding in skipped:
                ET.SubElement(case, "skipped", {"message": finding.justification or finding.certainty})
            else:
                ET.SubElement(case, "system-out").text = text
            cases += 1
        if not found:
            ET.SubElement(suite, "testcase", {"classname": rule.name, "name": f"{rule.code} {rule.title}"})
            cases += 1
    suite.set("tests", str(cases))
    suite.set("failures", str(len(failed)))
    suite.set("skipped", str(len(skipped)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}'
