"""Runs a rendered repository's policy tests on several templates in one process, with its own Python.

usage: judge.py REPOSITORY ENVIRONMENTS TEMPLATE...

ENVIRONMENTS are those in which each template is judged, with commas between them.
Prints, as JSON: template -> failed test -> what it said.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import sys

import pytest

ENVIRONMENTS = {"default parameters", "dev", "staging", "prod"}


class Judge:
    """Runs the tests of some environments once for each template, and remembers what failed."""

    def __init__(self, templates: list[str], environments: set[str]) -> None:
        self.others = ENVIRONMENTS - environments
        self.said: dict[str, dict[str, str]] = {template: {} for template in templates}
        self.template = templates[0]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not self.others.intersection(self._parameters(item))]

    @staticmethod
    def _parameters(item: pytest.Item) -> list[str]:
        callspec = getattr(item, "callspec", None)
        return [value for value in callspec.params.values() if isinstance(value, str)] if callspec else []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for template in self.said:
            self.template = template
            # A template of SAM is judged as it stands, an app of the CDK by what it makes.
            os.environ["TEMPLATE"] = os.environ["APP"] = template
            # After the last test all fixtures end, those of the session too.
            for item, following in itertools.pairwise([*session.items, None]):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.said[self.template][report.nodeid] = report.longreprtext

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            raise pytest.UsageError(report.longreprtext)


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    judge = Judge(sys.argv[3:], set(sys.argv[2].split(",")))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        ended = pytest.main(["-q", "-p", "no:cacheprovider", "tests/infra"], plugins=[judge])
    if ended not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        sys.exit(printed.getvalue())
    json.dump(judge.said, sys.stdout)
