"""Compares the answers that a repository was made from with those it is made from now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from generator.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["AnswerChange", "Dropped", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A stored answer that could not be kept: the question is gone, or no longer takes it."""

    key: str
    value: object
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """One answer that is not what it was.

    Attributes:
        kind: `added` by a new question, `changed` by wish, or `dropped` because it no longer fits.
        before: As it was stored; None where it was not.
        after: As it is stored now; None where it is not, or not answered.
        why: What a person should know about it.
    """

    key: str
    kind: Literal["added", "changed", "dropped"]
    before: object
    after: object
    why: str = ""

    def __str__(self) -> str:
        """Return the change on one line."""
        after = say(self.after)
        if self.kind == "added":
            return f"{self.key} = {after} (a new question; this is its default)"
        if self.kind == "changed":
            return f"{self.key} = {after} (was {say(self.before)})"
        now = "" if self.after is None else f"; now {after}"
        return f"{self.key} = {say(self.before)}: {self.why}{now}"


def compare(
    before: Mapping[str, object], after: Mapping[str, object], dropped: Iterable[Dropped]
) -> tuple[AnswerChange, ...]:
    """Return every difference of two sets of answers, in the order of the keys.

    Args:
        before: Stored answers of the old release.
        after: Stored answers of the new one.
        dropped: Answers of the old one that the new one could not take.
    """
    refused = {one.key: one.why for one in dropped}
    changes = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if key not in before:
            changes.append(AnswerChange(key=key, kind="added", before=None, after=new))
        elif key in refused or (key not in after and old not in (None, "")):
            why = refused.get(key, "it is no longer asked")
            changes.append(AnswerChange(key=key, kind="dropped", before=old, after=new, why=why))
        elif key in after and old != new:
            changes.append(AnswerChange(key=key, kind="changed", before=old, after=new))
    return tuple(changes)
