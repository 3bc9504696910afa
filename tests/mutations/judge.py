"""Runs a rendered repository's policy tests on several templates in one process, with its own Python.

usage: judge.py REPOSITORY ENVIRONMENTS TEMPLATE...

ENVIRONMENTS are those in which each template is judged, with commas between them.
Prints, as JSON: template -> failed test -> what it said.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

ENVIRONMENTS = {"default parameters", "dev", "staging", "prod"}


class Failures:
    """Remembers which tests failed, and their words."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.said[report.nodeid] = report.longreprtext

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.said[report.nodeid] = report.longreprtext


class Selection:
    """Leaves out the tests of other environments."""

    def __init__(self, environments: set[str]) -> None:
        self.others = ENVIRONMENTS - environments

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not self.others.intersection(self._parameters(item))]

    @staticmethod
    def _parameters(item: pytest.Item) -> list[str]:
        callspec = getattr(item, "callspec", None)
        return [value for value in callspec.params.values() if isinstance(value, str)] if callspec else []


def judge(template: Path, environments: set[str]) -> dict[str, str]:
    """Return what the failed tests said about one template."""
    # A template of SAM is judged as it stands, an app of the CDK by what it makes.
    os.environ["TEMPLATE"] = os.environ["APP"] = str(template)
    failures = Failures()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(
            ["-q", "-p", "no:cacheprovider", "tests/infra"], plugins=[failures, Selection(environments)]
        )
    return failures.said


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    chosen = set(sys.argv[2].split(","))
    json.dump({path: judge(Path(path), chosen) for path in sys.argv[3:]}, sys.stdout)
