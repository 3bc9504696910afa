"""Blocks of Terraform's language: what a module's files have, and how often a block is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from posixpath import join, normpath

from generator.audit.values import Value, number, text

__all__ = ["MOST_COPIES", "called", "counted", "declared", "folder_of", "keys", "members", "named", "shown"]

_LOCAL = ("./", "../")
MOST_COPIES = 100
"""More of one block are judged as one."""


def folder_of(source: str, below: str) -> str:
    """Return the folder that a call names, as files have it; a source from elsewhere is no folder.

    Args:
        source: As the call writes it.
        below: The folder of the module that calls.
    """
    if not source.startswith(_LOCAL):
        return source
    found = normpath(join(below, source))
    return "" if found == "." else found


def called(folder: str, files: Mapping[str, Value]) -> Iterator[str]:
    """Yield where each module is that a module calls."""
    for sections in files.values():
        for _, block in named(sections, "module"):
            source = block.member("source")
            if source is not None:
                yield folder_of(text(source.data), folder)


def members(block: Value) -> Iterator[tuple[str, Value]]:
    """Yield what a block has, by name."""
    yield from block.data.items() if isinstance(block.data, Mapping) else ()


def named(sections: Value, kind: str) -> Iterator[tuple[str, Value]]:
    """Yield the blocks of a kind, by name."""
    for block in (sections.member(kind) or Value([])).items():
        yield from members(block)


def keys(value: Value) -> Sequence[tuple[Value, Value]] | None:
    """Return the keys and values that something is repeated for; `None` when nobody knows them."""
    if isinstance(value.data, Mapping):
        return [(Value(name), inner) for name, inner in value.data.items()]
    if not isinstance(value.data, list):
        return None
    return [
        (item if isinstance(item.data, str) else Value(index), item) for index, item in enumerate(value.data)
    ]


def counted(value: Value) -> Sequence[tuple[Value, Value]] | None:
    """Return the indexes that a count makes; `None` when nobody knows it."""
    count = number(value)
    if count is None or not 0 <= count <= MOST_COPIES:
        return None
    return [(Value(index), Value(index)) for index in range(int(count))]


def shown(key: Value) -> str:
    """Return a key as it stands in an address."""
    return f'"{key.data}"' if isinstance(key.data, str) else text(key.data)


def declared(files: Mapping[str, Value], kind: str, name: str) -> Value | None:
    """Return the block of a kind and name that a module has; `None` when it has none."""
    found = (block for sections in files.values() for key, block in named(sections, kind) if key == name)
    return next(found, None)
