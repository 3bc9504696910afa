"""Lay out what there is to say about a decision: plain text for a terminal, and Markdown."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from generator.explain.sections import headline, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.decision import Decision
    from generator.explain.sections import Section, Table

__all__ = ["markdown", "text"]

WIDTH = 80
_LABEL = 17
_NARROW = 60
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>|])")


def text(decision: Decision, *, width: int = WIDTH) -> str:
    """Return the decision as text that needs no colour, wrapped at a width of at least 20 columns."""
    width = max(20, width)
    blocks = [textwrap.fill(headline(decision), width, subsequent_indent="  ")]
    blocks += ["\n".join(_block(section, width)) for section in sections(decision)]
    return "\n\n".join(blocks) + "\n"


def _block(section: Section, width: int) -> Iterator[str]:
    """Yield the lines of a section: its title at the left, or above where the terminal is narrow."""
    narrow = width < _NARROW
    indent = "  " if narrow else " " * _LABEL
    lines = [
        *(_table(section.table, width - len(indent)) if section.table else ()),
        *(line for sentence in section.sentences for line in _wrap(sentence, width - len(indent), section)),
    ]
    if narrow:
        yield section.title
        yield from (indent + line for line in lines)
        return
    yield f"{section.title:<{_LABEL}}{lines[0]}"
    yield from (indent + line for line in lines[1:])


def _wrap(sentence: str, width: int, section: Section) -> list[str]:
    bullet = "- " if len(section.sentences) > 1 and section.table is None else ""
    return textwrap.wrap(
        sentence,
        width,
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(table: Table, width: int) -> list[str]:
    """Return the table's lines, or its rows as sentences where the columns do not fit."""
    columns = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    if sum(columns) + 2 * (len(columns) - 1) <= width:
        return [_line(row, columns) for row in (table.head, *table.rows)]
    told = (
        f"{name}: "
        + ", ".join(f"{figure} {head}" for figure, head in zip(figures, table.head[1:], strict=True))
        for name, *figures in table.rows
    )
    return [line for row in told for line in textwrap.wrap(row, width, subsequent_indent="  ")]


def _line(row: tuple[str, ...], columns: list[int]) -> str:
    words, *figures = row
    aligned = (f"{figure:>{column}}" for figure, column in zip(figures, columns[1:], strict=True))
    return "  ".join((f"{words:<{columns[0]}}", *aligned))


def markdown(decision: Decision) -> str:
    """Return the decision as a Markdown document."""
    blocks = [f"# {_escape(headline(decision))}"]
    for section in sections(decision):
        blocks.append(f"## {section.title}")
        if section.table:
            blocks.append("\n".join(_markdown_table(section.table)))
        if section.sentences:
            blocks.append("\n".join(f"- {_escape(sentence)}" for sentence in section.sentences))
    return "\n\n".join(blocks) + "\n"


def _markdown_table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(table.head) + " |"
    yield "| --- |" + " ---: |" * (len(table.head) - 1)
    for row in table.rows:
        yield "| " + " | ".join(map(_escape, row)) + " |"


def _escape(words: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", words)
