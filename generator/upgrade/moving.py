"""What a move leaves in the repository: the superseded record, the one that supersedes it, a guide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.upgrade import guide

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.upgrade.verdict import Place

__all__ = ["Move", "leave_record", "next_number"]

RECORDS = "docs/adr"
_CURVE = "cost-curve.svg"
_NUMBERED = re.compile(r"(\d{4})-.*\.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From one place to another.

    Attributes:
        before: Where the service runs.
        after: Where it will.
        superseded: Number of the decision record that no longer holds.
        number: Number of the one that does.
        labels: How each tier is called.
    """

    before: Place
    after: Place
    superseded: int
    number: int
    labels: Mapping[str, str]

    def with_number(self, answers: Mapping[str, object]) -> dict[str, object]:
        """Return answers whose decision record gets a file of its own and names the one it supersedes."""
        decision = answers["decision"]
        if not isinstance(decision, dict):
            raise TypeError("the answers of a plan hold a record")
        return {**answers, "decision": {**decision, "number": self.number, "supersedes": self.superseded}}

    @property
    def guide(self) -> str:
        """Return how to move without losing what is in flight."""
        return guide.guide(self.before, self.after, self.labels)

    @property
    def guide_path(self) -> str:
        """Return where the guide lies in a project."""
        return f"docs/migration-{self.before.name}-to-{self.after.name}.md"


def next_number(project: Path) -> int:
    """Return the first number that no decision record of a project has."""
    names = (project / RECORDS).iterdir() if (project / RECORDS).is_dir() else ()
    numbers = [int(found[1]) for path in names if (found := _NUMBERED.fullmatch(path.name))]
    return max(numbers, default=0) + 1


def leave_record(move: Move, old: Path, new: Path) -> None:
    """Keep the superseded record, with the curve that it shows, and write the guide.

    Args:
        move: From where to where.
        old: The old render.
        new: The new render, which gets them.
    """
    record = f"{RECORDS}/{move.superseded:04}-compute-tier.md"
    if (old / record).is_file():
        heading, _, rest = (old / record).read_text(encoding="utf-8").partition("\n")
        note = f"Superseded by [{move.number:04}]({move.number:04}-compute-tier.md)."
        curve = f"{move.superseded:04}-{_CURVE}"
        kept = f"{heading}\n\n{note}\n{rest}".replace(f"]({_CURVE})", f"]({curve})")
        (new / record).write_text(kept, encoding="utf-8")
        if (old / RECORDS / _CURVE).is_file():
            (new / RECORDS / curve).write_bytes((old / RECORDS / _CURVE).read_bytes())
    (new / move.guide_path).parent.mkdir(parents=True, exist_ok=True)
    (new / move.guide_path).write_text(move.guide, encoding="utf-8")
