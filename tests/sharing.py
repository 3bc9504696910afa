"""Which tests share something that is dear to make, told from their names alone.

The process that hands out tests knows no more of them. The mark `xdist_group` would do, but what it appends
to a name is lost with the pytest of today.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Scheduling", "group", "rank", "turns"]

GROUPS = (
    # One image and one deployment of tasks; and all that count containers, which would count each other's.
    ("containers", re.compile(r"tests/e2e/test_(?:task|service)_\w+\.py")),
    # One function, built with either tool.
    ("http", re.compile(r"tests/e2e/test_(?:cdk_http|cold_start|gaps|lambda_http|load)\.py")),
    # What a repository's tests say about each way to break it.
    ("", re.compile(r"tests/(test_(?:cdk_|task_)?mutations)\.py::\w+\[([^\]:]+)")),
    # The environments of repositories with the same tier and event source.
    ("", re.compile(r"tests/(test_matrix)\.py::\w+\[((?:fargate-(?:task|service)-)?[a-z]+)")),
)


def group(name: str) -> str:
    """Return what the tests that share something with this one have in common; at least their file."""
    for title, pattern in GROUPS:
        if found := pattern.match(name):
            return title or "-".join(found.groups())
    return name.partition("::")[0]


def rank(name: str) -> int:
    """Return the place of a test's group among those that come first, dearest first."""
    titles = [title for title, _ in GROUPS]
    here = group(name)
    return titles.index(here) if here in titles else len(titles)


def turns(names: Iterable[str]) -> dict[str, int]:
    """Return when the turn of each group is: what waits, end to end, and what computes alternate."""
    waiting: dict[str, int] = {}
    computing: dict[str, int] = {}
    for name in names:
        kind = waiting if name.startswith("tests/e2e/") else computing
        kind.setdefault(group(name), len(kind))
    return {
        **{title: 2 * place for title, place in waiting.items()},
        **{title: 2 * place + 1 for title, place in computing.items()},
    }


class Scheduling(LoadScopeScheduling):
    """Hands out whole groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
