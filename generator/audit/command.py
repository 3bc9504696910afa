"""What the command `audit` does: read, judge, print, and say by the exit code whether the policy holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from generator import files, terminal
from generator.amounts import dollars
from generator.audit.judging import Reading, report_of
from generator.errors import NewServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.audit.engine import Report

__all__ = ["Form", "Wanted", "audit", "write"]

Form = Literal["text", "json", "sarif", "junit", "markdown", "html"]
UNREADABLE = 2
NEVER_BASELINED = frozenset({"SF101", "SF102"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the caller asked for.

    Attributes:
        path: One repository or file.
        sarif: A file for the same findings as SARIF, besides the report; empty for none.
        idle_budget_usd: More than this a month while idle is a violation; `None` for no bound.
        baseline: A file of findings that are known already; empty for none.
        strict: Warnings are violations too.
        require_judged: What nobody can tell is a violation too.
    """

    path: str
    reading: Reading
    form: Form
    output: str
    sarif: str = ""
    idle_budget_usd: float | None
    baseline: str
    write_baseline: str
    strict: bool
    require_judged: bool


def audit(wanted: Wanted) -> int:
    """Audit one repository or file.

    Returns:
        0 when the policy holds, 1 when it does not, 2 when nothing of it could be read.

    Raises:
        NewServiceError: The path, the baseline or the output cannot be used.
    """
    with terminal.progress(f"reading {wanted.path}"):
        report = _without_known(report_of(wanted.path, wanted.reading), wanted.baseline)
    if wanted.write_baseline:
        known = sorted(
            {one.fingerprint for one in report.findings if one.counts and one.code not in NEVER_BASELINED}
        )
        text = json.dumps({"written": report.judged_on.isoformat(), "findings": known}, indent=2)
        write(wanted.write_baseline, text)
    if wanted.sarif:
        write(wanted.sarif, _rendered(report, replace(wanted, form="sarif")))
    text = _rendered(report, wanted)
    if wanted.output:
        write(wanted.output, text)
    else:
        terminal.data(text)
    return _exit_code(report, wanted)


def _without_known(report: Report, baseline: str) -> Report:
    """Return the report, its findings of the baseline marked as known."""
    known = _baseline(baseline)
    found = tuple(
        replace(one, baselined=True)
        if one.fingerprint in known and one.counts and one.code not in NEVER_BASELINED
        else one
        for one in report.findings
    )
    return replace(report, findings=found)


def _baseline(file: str) -> frozenset[str]:
    if not file:
        return frozenset()
    try:
        return frozenset(json.loads(Path(file).read_text(encoding="utf-8"))["findings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "write one with --write-baseline FILE"
        raise NewServiceError(f"baseline {file}: it cannot be read", hint=hint) from error


def write(file: str, text: str) -> None:
    """Write a report to a file, ended by one line break.

    Raises:
        NewServiceError: It cannot be written.
    """
    files.write_whole(Path(file), f"{text.rstrip()}\n")


def _rendered(report: Report, wanted: Wanted) -> str:
    from importlib import import_module

    name = {"json": "contract"}.get(wanted.form, wanted.form)
    if name == "text":
        from generator.audit.formats import text

        return text.render(report, colour=not wanted.output and terminal.use_colour())
    if name == "html":
        from generator.audit.formats import html

        return html.render(report, title=Path(wanted.path).resolve().name, sources=_lines(report, wanted))
    return str(import_module(f"generator.audit.formats.{name}").render(report))


def _lines(report: Report, wanted: Wanted) -> dict[str, list[str]]:
    """Return the lines of the files that findings point into; those of a file that is gone are none."""
    path = Path(wanted.path)
    root = path if path.is_dir() else path.parent
    found = {}
    for file in {finding.file for finding in report.findings if finding.line}:
        try:
            found[file] = (root / file).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
    return found


def _exit_code(report: Report, wanted: Wanted) -> int:
    if not report.judged and any(one.rule == "unreadable-file" for one in report.findings):
        return UNREADABLE
    bad: Sequence[object] = report.open_of("error", "warning") if wanted.strict else report.open_of("error")
    if wanted.require_judged:
        bad = [
            *bad,
            *(one for one in report.findings if one.certainty == "unknown" or one.rule == "unjudged-part"),
        ]
    over = wanted.idle_budget_usd is not None and report.idle_usd_per_month > wanted.idle_budget_usd
    if over:
        terminal.say(f"error: {dollars(report.idle_usd_per_month)} a month while idle is over the budget")
    return 1 if bad or over else 0
