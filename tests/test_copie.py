"""The template by itself, as pytest-copie and anyone with plain Copier drives it: without trust or tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import copier
import plumbum
import pytest
import yaml
from conftest import plan_of
from toolbox import REPOSITORY

from generator import project, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ELSEWHERE = {question.name for question in project.QUESTIONS if question.event_source not in {"", "http"}}
ELSEWHERE |= {question.name for question in project.QUESTIONS if question.tier not in {"", "lambda"}}
# An HTTP API calls no AWS, so nobody asks with what.
ELSEWHERE |= {"aws_client"}


@pytest.fixture
def answers(http_answers: dict[str, object]) -> dict[str, object]:
    """Return what the tool gives to the template for an ordinary HTTP API."""
    return dict(plan_of(http_answers).answers)


@pytest.fixture
def copie_from_a_plain_folder(copie: Any) -> Iterator[Any]:
    """Return the plugin without git on its path: the checkout is copied as it is, not its last commit."""
    copie.default_template_dir = source.find().root
    with plumbum.local.env(PATH=""):
        yield copie


def test_template_renders_with_the_answers_of_the_tool(
    copie_from_a_plain_folder: Any, answers: dict[str, object]
) -> None:
    result = copie_from_a_plain_folder.copy(extra_answers=answers)

    assert result.exception is None, result.exception
    assert result.exit_code == 0
    assert (result.project_dir / "template.yaml").is_file()
    stored = yaml.safe_load((result.project_dir / ".copier-answers.yml").read_text(encoding="utf-8"))
    # What concerns another event source is not kept.
    kept = {key: answer for key, answer in answers.items() if key not in ELSEWHERE}
    assert {key: stored[key] for key in kept} == kept
    assert not ELSEWHERE & stored.keys()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("project_name", "../evil"),
        ("project_name", "a\nb"),
        ("package_name", "a-b"),
        ("description", "two\nlines"),
        ("owner", "two words"),
        ("license", "gpl"),
        ("python_version", "2.7"),
        ("aws_region", "moon"),
        ("ci", "jenkins"),
        ("tier", "ec2"),
    ],
)
def test_template_refuses_what_the_tool_refuses(
    copie_from_a_plain_folder: Any, answers: dict[str, object], key: str, value: str
) -> None:
    result = copie_from_a_plain_folder.copy(extra_answers=answers | {key: value})

    assert isinstance(result.exception, ValueError)
    assert result.exit_code != 0
    assert key in str(result.exception)


def test_template_refuses_to_be_rendered_without_a_decision(copie_from_a_plain_folder: Any) -> None:
    result = copie_from_a_plain_folder.copy(extra_answers={"project_name": "orders"})

    assert isinstance(result.exception, ValueError)
    assert "decided, not answered" in str(result.exception)


def test_template_needs_no_trust(answers: dict[str, object], tmp_path: Path) -> None:
    with plumbum.local.env(PATH=""):
        copier.run_copy(
            str(REPOSITORY),
            tmp_path / "orders",
            data=answers,
            defaults=True,
            quiet=True,
            settings=copier.Settings(),
            unsafe=False,
        )

    assert (tmp_path / "orders" / "template.yaml").is_file()


def test_every_question_has_a_default_so_that_updates_need_no_person() -> None:
    questions = yaml.safe_load((REPOSITORY / "copier.yml").read_text(encoding="utf-8"))

    open_questions = [key for key, asked in questions.items() if key[0] != "_" and "default" not in asked]

    assert open_questions == ["project_name"]


def test_every_answer_of_the_tool_is_a_question_of_the_template_and_is_stored(
    answers: dict[str, object],
) -> None:
    questions = yaml.safe_load((REPOSITORY / "copier.yml").read_text(encoding="utf-8"))
    visible = {key for key, asked in questions.items() if key[0] != "_" and asked.get("when", True)}

    assert visible == answers.keys()
