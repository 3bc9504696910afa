"""Which tests share something that is dear to make, told from their names alone.

The process that hands out tests knows no more of them. The mark `xdist_group` would do, but what it appends
to a name is lost with the pytest of today.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

__all__ = ["Scheduling", "group", "rank"]

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


class Scheduling(LoadScopeScheduling):
    """Hands out whole groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
