"""The stamped block of the policy in files that agents read: how it is found, checked and written.

The stamp is in HTML comments, so that nobody sees it: version, and a hash of what stands between both.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Block", "BlockProblem", "blocks", "checked", "digest", "with_block"]

_BEGIN = re.compile(r"<!-- new-service:policy:begin(?P<marks>[^>]*)-->")
_END = "<!-- new-service:policy:end -->"
_MARK = re.compile(r"(\w+)=(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stamped block in a text.

    Attributes:
        line: Of its first marker, counted from one.
        version: As its marker says; empty when it says none.
        sha256: Likewise.
        body: What stands between the markers.
    """

    line: int
    version: str
    sha256: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockProblem:
    """What is wrong with the block of a text.

    Attributes:
        kind: `altered` when it no longer says what was written, `stale` when a newer one exists.
    """

    kind: Literal["altered", "stale"]
    line: int
    problem: str


def digest(body: str) -> str:
    """Return the hash of a body, whatever its line ends, trailing blanks and outer blank lines."""
    lines = (line.rstrip() for line in body.replace("\r\n", "\n").split("\n"))
    return hashlib.sha256("\n".join(lines).strip("\n").encode()).hexdigest()


def blocks(text: str) -> Iterator[Block | BlockProblem]:
    """Yield each block, or what is wrong with its markers."""
    text = text.replace("\r\n", "\n")
    position = 0
    while begin := _BEGIN.search(text, position):
        line = text.count("\n", 0, begin.start()) + 1
        end = text.find(_END, begin.end())
        nested = _BEGIN.search(text, begin.end())
        if end < 0 or (nested and nested.start() < end):
            yield BlockProblem(kind="altered", line=line, problem="its end marker is missing")
            return
        marks = dict(_MARK.findall(begin["marks"]))
        body = text[begin.end() : end].strip("\n")
        yield Block(line=line, version=marks.get("version", ""), sha256=marks.get("sha256", ""), body=body)
        position = end + len(_END)


def checked(text: str, known: Mapping[str, str], current: str) -> tuple[bool, tuple[BlockProblem, ...]]:
    """Check the block of a text.

    Args:
        text: A file that agents read.
        known: Version of the policy -> hash of its block.
        current: The version that a block should have.

    Returns:
        Whether there is a block at all, and what is wrong with it.
    """
    found = list(blocks(text))
    problems = [one for one in found if isinstance(one, BlockProblem)]
    whole = [one for one in found if isinstance(one, Block)]
    if len(whole) > 1:
        problems.append(
            BlockProblem(kind="altered", line=whole[1].line, problem="the file has a second block")
        )
    for block in whole[:1]:
        problems.extend(_problems(block, known, current))
    return bool(found), tuple(problems)


def _problems(block: Block, known: Mapping[str, str], current: str) -> Iterator[BlockProblem]:
    if digest(block.body) != block.sha256:
        yield BlockProblem(
            kind="altered", line=block.line, problem="it was edited: its text is not what was stamped"
        )
    elif block.version not in known:
        yield BlockProblem(
            kind="altered",
            line=block.line,
            problem=f"it names version {block.version or 'none'}, which never was",
        )
    elif known[block.version] != block.sha256:
        yield BlockProblem(
            kind="altered", line=block.line, problem=f"its text is not that of version {block.version}"
        )
    elif block.version != current:
        yield BlockProblem(
            kind="stale",
            line=block.line,
            problem=f"it is of version {block.version}, and {current} is current",
        )


def with_block(text: str, block: str) -> str:
    """Return a text with a block in the place of its own, or at its end; all else stays as it is.

    Args:
        text: The file's text; its line ends are kept.
        block: The whole block, markers included, with plain line ends.

    Raises:
        ValueError: The markers of the text are broken, so nobody can tell what is between them.
    """
    ends = "\r\n" if "\r\n" in text else "\n"
    written = block.strip("\n").replace("\n", ends)
    begin = _BEGIN.search(text)
    if begin is None:
        head = text.rstrip("\r\n")
        return f"{head}{ends}{ends}{written}{ends}" if head else f"{written}{ends}"
    end = text.find(_END, begin.end())
    others = [match for match in _BEGIN.finditer(text) if match.start() != begin.start()]
    if end < 0 or others:
        raise ValueError("its markers are broken")
    return text[: begin.start()] + written + text[end + len(_END) :]
