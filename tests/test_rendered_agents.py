"""Role agents of a rendered repository: one text for each tool, in its format, about what is really there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from rendering import EXAMPLES, SERVICES, TASKS, render_example

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DUTIES: Mapping[str, str] = {
    "architect": "`new-service decide --answers .copier-answers.yml --data",
    "developer": "`make check test build audit`",
    "qa": "tests/infra/test_scale_to_zero.py",
    "devops": "OpenID Connect",
}
CASES: Mapping[str, tuple[str, Mapping[str, Path], Mapping[str, object]]] = {
    "lambda-http": ("http", EXAMPLES, {}),
    "lambda-queue-cdk-gitlab": ("queue", EXAMPLES, {"iac": "cdk", "ci": "gitlab"}),
    "lambda-schedule-no-ci": ("schedule", EXAMPLES, {"ci": "none"}),
    "task-job": ("job", TASKS, {}),
    "service-queue": ("queue", SERVICES, {}),
    "service-http": ("http", SERVICES, {}),
}


@pytest.fixture(scope="module", params=list(CASES))
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    event_source, examples, changed = CASES[request.param]
    folder: Path = tmp_path_factory.mktemp("agents") / "service"
    render_example(folder, changed, event_source, examples)
    return folder


def of_role(repository: Path, role: str) -> str:
    return (repository / ".claude" / "agents" / f"{role}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("role", DUTIES)
def test_front_matter_is_what_both_tools_need(repository: Path, role: str) -> None:
    _, front, body = of_role(repository, role).split("---\n", 2)

    read = yaml.safe_load(front)
    assert set(read) == {"name", "description"}
    assert read["name"] == role
    assert "Ask it" in read["description"]
    assert body.lstrip().startswith("AGENTS.md binds you, its compute policy first:")


@pytest.mark.parametrize("role", DUTIES)
def test_role_has_its_duty_under_the_policy(repository: Path, role: str) -> None:
    assert DUTIES[role] in of_role(repository, role)


def test_spike_is_tested_as_the_service_can_be(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")

    spike = re.search(r"^2\. Spike: .*\n.*", of_role(repository, "qa"), re.MULTILINE)

    assert spike
    for verb in re.findall(r"`make ([a-z]+)", spike[0]):
        assert f"\n{verb}:" in makefile


@pytest.mark.parametrize("role", DUTIES)
def test_what_is_named_is_there(repository: Path, role: str) -> None:
    named = {
        word.rstrip("/")
        for word in re.findall(r"`([\w./-]+/[\w./-]*|\.copier-answers\.yml)`", of_role(repository, role))
    }

    made = {"dist/load.svg"}
    assert {name for name in named - made if not (repository / name).exists()} == set()


def test_github_has_the_same_agents_where_the_repository_is_there(repository: Path) -> None:
    is_there = (repository / ".github" / "workflows").is_dir()

    copies = {
        path.name.removesuffix(".agent.md"): path.read_text(encoding="utf-8")
        for path in repository.glob(".github/agents/*")
    }
    assert copies == ({role: of_role(repository, role) for role in DUTIES} if is_there else {})
