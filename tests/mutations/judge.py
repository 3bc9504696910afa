"""Runs a rendered repository's policy tests on several templates in one process, with its own Python.

usage: judge.py REPOSITORY TEMPLATE...

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


def judge(template: Path) -> dict[str, str]:
    """Return what the failed tests said about one template."""
    # A template of SAM is judged as it stands, an app of the CDK by what it makes.
    os.environ["TEMPLATE"] = os.environ["APP"] = str(template)
    failures = Failures()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["-q", "-p", "no:cacheprovider", "tests/infra"], plugins=[failures])
    return failures.said


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    json.dump({path: judge(Path(path)) for path in sys.argv[2:]}, sys.stdout)
