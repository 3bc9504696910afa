"""What an upgrade did, would do, or found due: as text, as a row of a table, and for programs."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from generator.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.audit.outcome import Outcome
    from generator.upgrade.changelog import Entry
    from generator.upgrade.changes import AnswerChange
    from generator.upgrade.conflicts import Conflict, FileChange
    from generator.upgrade.verdict import Verdict

__all__ = [
    "Failure",
    "Report",
    "as_json",
    "as_table",
    "as_text",
    "conflicts_text",
    "files_text",
    "merge_as_json",
]

SCHEMA_VERSION = 1
WIDTH = 80
INDENT = 12

State = Literal["current", "due", "merged", "committed", "previewed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one project.

    Attributes:
        folder: As it was named on the command line.
        state: `current` had nothing to do, `due` would have, `previewed` shows what, `refused` says why not.
        before: Release that it was made from.
        after: Release of this program.
        changelog: What the releases between change in existing services.
        answers: What is not answered as before.
        verdict: Whether the tier holds.
        files: What the merge changes.
        conflicts: What a person has to look at.
        guide: How to move without losing what is in flight, as Markdown; empty when it stays.
        guide_path: Where the guide lies in the project.
        branch: The branch that it was put on; empty for the one that was checked out.
        audit: What it says of the project after a merge; None when none was made, or conflicts are open.
        lock_note: What is to be done about the lock file; empty when nothing is.
    """

    folder: str
    state: State
    before: str
    after: str
    verdict: Verdict
    changelog: tuple[Entry, ...] = ()
    answers: tuple[AnswerChange, ...] = ()
    files: tuple[FileChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    guide: str = ""
    guide_path: str = ""
    branch: str = ""
    audit: Outcome | None = None
    lock_note: str = ""

    @property
    def exit_code(self) -> int:
        """0 when nothing is left to do; 1 when a person, or with `--check` an upgrade, is needed."""
        settled = self.state in {"current", "merged", "committed", "previewed"}
        complies = self.audit is None or not self.audit.violations
        return 0 if settled and not self.conflicts and self.verdict.holds and complies else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why nothing was done to one project.

    Attributes:
        folder: As it was named on the command line.
        message: What went wrong.
        hint: What to do next.
        exit_code: Of the program.
    """

    folder: str
    message: str
    hint: str
    exit_code: int


_STATES = {
    "current": "nothing to do",
    "due": "an upgrade is due",
    "merged": "merged, not committed",
    "committed": "merged and committed",
    "previewed": "would merge; nothing was changed",
    "refused": "nothing was changed",
}


def as_text(report: Report) -> str:
    """Return the report of one project for a person."""
    versions = report.before if report.before == report.after else f"{report.before} to {report.after}"
    paragraphs = [
        f"{report.folder}: {versions}, {_state(report)}",
        _labelled("Tier", [_sentence(report.verdict.words)]),
        _labelled("Answers", [str(change) for change in report.answers]),
        _labelled("News", [f"{entry.version}: {_flat(entry.text)}" for entry in report.changelog]),
        files_text(report.files),
        conflicts_text(report.conflicts, report.folder),
        report.guide.rstrip(),
        _labelled("Lock", [_sentence(report.lock_note)] if report.lock_note else ()),
        _labelled("Audit", report.audit.lines if report.audit else ()),
        _next(report),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _state(report: Report) -> str:
    count = len(report.conflicts)
    words = _STATES[report.state]
    if count:
        words = f"{words}, {counted(count, 'conflict')}"
    return f"{words}, on branch {report.branch}" if report.branch else words


def _labelled(label: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    wrapped = []
    for line in lines:
        lead = "- " if len(lines) > 1 else ""
        wrapped += textwrap.wrap(
            line,
            WIDTH - INDENT,
            initial_indent=lead,
            subsequent_indent=" " * len(lead),
            break_on_hyphens=False,
            break_long_words=False,
        )
    return "\n".join(f"{label if number == 0 else '':{INDENT}}{line}" for number, line in enumerate(wrapped))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _flat(markdown: str) -> str:
    return " ".join(markdown.split())


def files_text(files: Sequence[FileChange]) -> str:
    """Return the files that a merge changes, one a line."""
    words = {"A": "new", "D": "gone"}
    lines = [f"{change.path} ({words.get(change.status, 'changed')})" for change in files]
    return _labelled("Files", lines)


def conflicts_text(conflicts: Sequence[Conflict], folder: str) -> str:
    """Return the conflicts, each with the commands that resolve it."""
    if not conflicts:
        return ""
    lines = ["Conflicts:" if folder == "." else f"Conflicts, in {folder}:"]
    for conflict in conflicts:
        lines.append(f"  {conflict.state} {conflict.path}: {conflict.words}")
        lines += [f"       {command}  ({meaning})" for command, meaning in conflict.commands]
    return "\n".join(lines)


def _next(report: Report) -> str:
    if report.state == "merged" and report.conflicts:
        return (
            "Next: resolve each, then `git commit`; `git reset --merge` undoes all of it.\n"
            "`git diff` shows what is open, `git diff --cached` what was merged."
        )
    if report.state == "merged":
        return (
            "Next: `git diff --cached`, `make setup check test`, `git commit`; `git reset --merge` undoes it."
        )
    return "Next: `new-service upgrade`" if report.state == "due" else ""


def as_table(results: Sequence[Report | Failure]) -> str:
    """Return one line for each project."""
    rows = [("project", "from", "to", "files", "conflicts", "result"), *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*cells, row[-1]]).rstrip()


def _row(result: Report | Failure) -> tuple[str, ...]:
    if isinstance(result, Failure):
        return (result.folder, "", "", "", "", result.message.partition("\n")[0])
    words = _STATES[result.state]
    if not result.verdict.holds:
        words = f"{words}; {result.verdict.words}"
    if result.audit and result.audit.violations:
        words = f"{words}; {counted(len(result.audit.violations), 'violation')} of the policy"
    counts = (str(len(result.files)), str(len(result.conflicts)))
    return (result.folder, result.before, result.after, *counts, words)


def as_json(results: Sequence[Report | Failure]) -> dict[str, object]:
    """Return all projects for a program."""
    return {"schema_version": SCHEMA_VERSION, "projects": [dict(_plain(result)) for result in results]}


def _plain(result: Report | Failure) -> Iterator[tuple[str, object]]:
    yield "path", result.folder
    if isinstance(result, Failure):
        yield "state", "failed"
        yield "error", result.message
        yield "hint", result.hint or None
    else:
        yield "state", result.state
        yield "from", result.before
        yield "to", result.after
        yield "is_due", result.state == "due"
        yield "tier_holds", result.verdict.holds
        yield "tier", asdict(result.verdict)
        yield "changelog", [asdict(entry) for entry in result.changelog]
        yield "answers", [asdict(change) for change in result.answers]
        yield from merge_as_json(result.files, result.conflicts).items()
        yield "guide", result.guide_path or None
        yield "branch", result.branch or None
        yield "audit", dict(result.audit.counts) if result.audit else None
        yield "lock", result.lock_note or None
    yield "exit_code", result.exit_code


def merge_as_json(files: Sequence[FileChange], conflicts: Sequence[Conflict]) -> dict[str, object]:
    """Return what a merge does, for a program."""
    return {"files": [asdict(one) for one in files], "conflicts": [_conflict(one) for one in conflicts]}


def _conflict(conflict: Conflict) -> dict[str, object]:
    commands = [{"command": command, "meaning": meaning} for command, meaning in conflict.commands]
    return {"path": conflict.path, "state": conflict.state, "words": conflict.words, "commands": commands}
