"""What takes the requests of an HTTP API and who may call it: answers, cost, and what guards them."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from environments import lend
from rendering import render_example
from test_mutations import ENVIRONMENTS, FOLDER, judged, judged_of

from generator import project
from generator.errors import AnswersError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Render

ORIGIN = "https://app.example.com"
GUARDED = {
    "http-jwt": {"authorisation": "jwt", "cors_origins": ORIGIN},
    "http-function-url": {"front": "function-url"},
    "http-iam-url": {"front": "function-url", "authorisation": "iam", "cors_origins": ORIGIN},
}


def parse(**raw: object) -> project.Project:
    return project.parse({"project_name": "orders", "owner": "@acme", **raw})


def test_nobody_is_asked_how_the_api_is_reached() -> None:
    assert {question.name for question in project.QUESTIONS if question.event_source == "http"} == {
        "front",
        "authorisation",
        "cors_origins",
    }
    assert all(question.expert for question in project.QUESTIONS if question.event_source)


def test_a_function_url_that_should_check_tokens_is_refused() -> None:
    with pytest.raises(AnswersError) as caught:
        parse(front="function-url", authorisation="jwt")

    [problem] = caught.value.problems
    assert str(problem).startswith("authorisation = jwt: is not what a function URL can check")


@pytest.mark.parametrize(
    "origins",
    ["", "*", ORIGIN, "http://localhost:3000", f"{ORIGIN},https://admin.example.com:8443"],
)
def test_origins_are_taken(origins: str) -> None:
    assert parse(cors_origins=origins).cors_origins == origins


@pytest.mark.parametrize(
    "origins",
    [
        "app.example.com",
        f"{ORIGIN}/",
        f"{ORIGIN}/path",
        f"{ORIGIN}, {ORIGIN}",
        f"{ORIGIN},",
        f"*,{ORIGIN}",
        "https://*.example.com",
        "https://user@example.com",
        "https://exa\nmple.com",
        'https://a"b',
        "https://\u0430pp.example.com",
        "null",
        ",".join([ORIGIN] * 21),
        "https://" + "a" * 300,
        [ORIGIN],
        7,
    ],
    ids=ascii,
)
def test_what_is_no_list_of_origins_is_refused(origins: object) -> None:
    with pytest.raises(AnswersError) as caught:
        parse(cors_origins=origins)

    assert [problem.key for problem in caught.value.problems] == ["cors_origins"]


def test_a_function_url_costs_no_requests_of_api_gateway(render_service: Render) -> None:
    api, url = (cost_of(render_service({"front": front})) for front in ("api", "function-url"))

    # Three million requests at $1.00 a million.
    assert api - url == pytest.approx(3.00, abs=0.01)


def test_only_an_http_api_keeps_these_answers(render_service: Render) -> None:
    other = {"trigger": "event", "event_kind": "queue", "project_name": "orders-worker"}
    stored = yaml.safe_load((render_service(other) / ".copier-answers.yml").read_text(encoding="utf-8"))

    assert not {"front", "authorisation", "cors_origins"} & stored.keys()


def test_both_documents_say_that_nothing_throttles_a_function_url(render_service: Render) -> None:
    repository = render_service({"front": "function-url"})

    readme, record = (
        re.sub(r"\s+", " ", (repository / name).read_text(encoding="utf-8"))
        for name in ("README.md", "docs/adr/0001-compute-tier.md")
    )
    assert "nothing throttles it: what bounds a flood, and its cost, is the concurrency" in readme
    assert "It has no throttle, no routes, no access log" in record


@pytest.mark.slow
@pytest.mark.parametrize("variant", GUARDED)
def test_breaking_a_guard_fails_the_right_tests(
    variant: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    paths = sorted((FOLDER / variant).glob("*.toml"))
    tables = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}
    repository = tmp_path / "service"
    render_example(repository, GUARDED[variant])
    python = lend(repository, tmp_path_factory.mktemp("lent")) / "python"
    templates = tmp_path / "templates"
    templates.mkdir()

    found = judged(repository, python, paths, templates)

    assert found.pop("whole") == {}
    assert {name: set(failed) for name, failed in found.items()} == {
        name: {f"tests/infra/{test}[{where}]" for test in table["fails"] for where in where_of(table)}
        for name, table in tables.items()
    }
    unsaid = [
        (name, words)
        for name, failed in found.items()
        for message in failed.values()
        for words in tables[name]["says"]
        if words not in message
    ]
    assert unsaid == []


def where_of(table: dict[str, Any]) -> list[str]:
    return judged_of(table.get("environments", ENVIRONMENTS))


def cost_of(repository: Path) -> float:
    answers = yaml.safe_load((repository / ".copier-answers.yml").read_text(encoding="utf-8"))
    [row] = [row for row in answers["decision"]["cost"] if row["tier"] == "lambda"]
    return float(row["usd_per_month"])
