"""The block of the policy that this version stamps, and the hashes of all that were ever released."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from generator import source, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["current", "known_hashes", "version"]


def current() -> str:
    """Return the block as it is stamped today, markers included."""
    return (source.root() / "templates" / "_partials" / "policy.md").read_text(encoding="utf-8")


def version() -> str:
    """Return the version of today's block."""
    [block] = stamp.blocks(current())
    if isinstance(block, stamp.BlockProblem):
        raise TypeError(block.problem)
    return block.version


def known_hashes() -> Mapping[str, str]:
    """Return the hash of every released block by its version."""
    file = Path(__file__).with_name("policy_blocks.json")
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found
