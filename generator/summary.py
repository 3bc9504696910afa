"""Words for what was created: the decision in a sentence, the files at a glance, the next commands."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from generator.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.creation import Creation

__all__ = ["as_json", "text", "tree"]

SCHEMA_VERSION = 1
WIDTH = 80


def text(name: str, sentence: str, creation: Creation) -> str:
    """Return the summary of a creation for a person.

    Args:
        name: The project's name.
        sentence: The decision in one sentence.
        creation: What was made.
    """
    count = f"{len(creation.files)} files" + (", all in a first commit" if creation.committed else "")
    paragraphs = (
        f"Created {name} in {creation.folder}: {count}.",
        textwrap.fill(sentence, WIDTH, break_long_words=False),
        tree(creation.files),
        _listed("Audit:", [_wrapped(line) for line in creation.audit.lines]),
        _listed("Next:", creation.next_steps),
    )
    return "\n\n".join(paragraphs)


def _listed(title: str, lines: Sequence[str]) -> str:
    return f"{title}\n" + textwrap.indent("\n".join(lines), "  ")


def _wrapped(line: str) -> str:
    return textwrap.fill(
        line, WIDTH - 2, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def as_json(
    decision: Mapping[str, object],
    *,
    creation: Creation | None = None,
    files: tuple[str, ...] = (),
    obstacle: str = "",
) -> dict[str, object]:
    """Return the result of a creation for a program.

    Args:
        decision: The decision by the output contract.
        creation: What was made; None when nothing was.
        files: What would be made, when nothing was because it was only to be shown.
        obstacle: Why nothing can be made; empty when it can.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "created": None if creation is None else str(creation.folder),
        "obstacle": obstacle or None,
        "decision": dict(decision),
        "files": list(files if creation is None else creation.files),
        "audit": None if creation is None else dict(creation.audit.counts),
        "committed": creation is not None and creation.committed,
        "notes": [] if creation is None else list(creation.notes),
        "next_steps": [] if creation is None else list(creation.next_steps),
    }


def tree(files: tuple[str, ...]) -> str:
    """Return the top level of a repository: folders with their number of files, then a paragraph of files."""
    folders = Counter(file.partition("/")[0] for file in files if "/" in file)
    widest = max((len(folder) for folder in folders), default=0)
    lines = [
        f"  {folder + '/':{widest + 1}}  {counted(count, 'file')}"
        for folder, count in sorted(folders.items())
    ]
    top = [file for file in files if "/" not in file]
    lines += textwrap.wrap(
        "  ".join(top), WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
    return "\n".join(lines)
