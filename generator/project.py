"""What a new repository is called and where it lives: the questions that do not touch the decision.

Every answer here ends up in YAML, TOML, Python, Markdown and shell, so each one is held to the characters
that are harmless in all of them; the description alone is free text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import names
from generator.errors import AnswerProblem, AnswersError
from generator.project_questions import QUESTIONS, Question
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BILLED",
    "KEYS",
    "QUESTIONS",
    "Project",
    "Question",
    "answered",
    "defaults",
    "parse",
    "problem_with",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The project answers, checked.

    Attributes:
        project_name: Slug that names the repository, its stack and its resources.
        package_name: Import package below `src/`.
        description: One line of printable text.
        owner: `@user` or `@organisation/team`, as CODEOWNERS writes it.
        license: `apache-2.0`, `mit` or `proprietary`.
        python_version: Minor version the service runs on, as `3.13`.
        aws_region: Region of the first deployment.
        iac: What describes the infrastructure; `sam` or `cdk`, empty when the tier decides.
        ci: `github`, `gitlab` or `none`.
        aws_client: What calls AWS; `boto3` or `lean`.
        front: What takes the requests of an HTTP API: `api` or `function-url`.
        authorisation: Who may call an HTTP API: `none` (everybody), `iam` or `jwt`.
        cors_origins: Origins whose pages may call an HTTP API, joined by commas; empty for none.
        stream_source: What a stream is that starts a function: `dynamodb` or `kinesis`.
        orchestration: What runs the steps of divisible work: `step-functions` or `durable-function`.
        checkpoint: Where a Fargate task keeps how far it has come: `dynamodb` or `s3`.
    """

    project_name: str
    package_name: str
    description: str
    owner: str
    license: str
    python_version: str
    aws_region: str
    iac: str
    ci: str
    aws_client: str
    front: str
    authorisation: str
    cors_origins: str
    stream_source: str
    orchestration: str
    checkpoint: str

    def answers(self) -> dict[str, object]:
        """Return the answers by key, in the order of the questions; what the tier decides is none."""
        return {key: getattr(self, key) for key in KEYS if key != "iac" or self.iac}

    def billed(self) -> dict[str, str]:
        """Return the answers that the decision depends on."""
        return {key: getattr(self, key) for key in BILLED}


BILLED = ("aws_region", "front", "stream_source", "orchestration")
"""The answers that cost or shape depend on."""

KEYS: tuple[str, ...] = tuple(question.name for question in QUESTIONS)

_JWT_AT_A_FUNCTION_URL = AnswerProblem(
    key="authorisation",
    value="jwt",
    problem="is not what a function URL can check",
    allowed="none, iam; or front = api",
)

_DURABLE_ON_AN_OLD_PYTHON = AnswerProblem(
    key="orchestration",
    value="durable-function",
    problem="is not what Lambda runs on Python 3.12",
    allowed="step-functions; or python_version = 3.13 or later",
)

_LEAN_AND_DURABLE = AnswerProblem(
    key="aws_client",
    value="lean",
    problem="is not what a durable function can call AWS with: its SDK needs boto3",
    allowed="boto3; or orchestration = step-functions",
)

_BY_NAME = {question.name: question for question in QUESTIONS}


def defaults(project_name: str) -> dict[str, str]:
    """Return the answer of every question that was not answered, for a project of this name."""
    made = {"project_name": project_name, "package_name": project_name.replace("-", "_")}
    return {question.name: made.get(question.name, question.default) for question in QUESTIONS}


def parse(raw: Mapping[str, object], *, default_name: str = "", take_defaults: bool = False) -> Project:
    """Check project answers and fill in the rest.

    Args:
        raw: Answers by key; None means not answered. Only keys of `KEYS`.
        default_name: The project's name when the answers give none, as the folder's.
        take_defaults: Take the default of a required question too, where it is not answered.

    Raises:
        AnswersError: With every problem at once.
    """
    given = {key: text for key, value in raw.items() if (text := _text(value)) is not None}
    texts = {**defaults(given.get("project_name") or default_name), **given}
    if "package_name" not in given and names.project_name_problem(texts["project_name"]):
        # The derived name would only repeat what is wrong with the first.
        texts["package_name"] = "unnamed"
    missing = {
        question.name for question in QUESTIONS if question.required and not take_defaults
    } - given.keys()
    texts.update(dict.fromkeys(missing, ""))
    problems = tuple(
        problem for key in KEYS if (problem := problem_with(key, texts[key], given=key in given))
    )
    if (texts["front"], texts["authorisation"]) == ("function-url", "jwt"):
        problems += (_JWT_AT_A_FUNCTION_URL,)
    if (texts["orchestration"], texts["python_version"]) == ("durable-function", "3.12"):
        problems += (_DURABLE_ON_AN_OLD_PYTHON,)
    if (texts["orchestration"], texts["aws_client"]) == ("durable-function", "lean"):
        problems += (_LEAN_AND_DURABLE,)
    if problems:
        raise AnswersError(problems)
    texts["owner"] = f"@{texts['owner'].removeprefix('@')}"
    # Each tier has its own default.
    texts["iac"] = given.get("iac", "")
    return Project(**texts)


def answered(raw: Mapping[str, object], keys: tuple[str, ...]) -> dict[str, str]:
    """Return some of the project answers, as far as they were given.

    Raises:
        AnswersError: One is not what may be answered.
    """
    texts = {key: text for key in keys if (text := _text(raw.get(key))) is not None}
    problems = tuple(problem for key, text in texts.items() if (problem := problem_with(key, text)))
    if problems:
        raise AnswersError(problems)
    return texts


def problem_with(name: str, text: str, *, given: bool = True) -> AnswerProblem | None:
    """Return what is wrong with one answer, if anything is.

    Args:
        name: Key of the question.
        text: The answer.
        given: Whether a person gave it; otherwise it was derived, and the message says so.
    """
    question = _BY_NAME[name]
    allowed = question.allowed or ", ".join(question.choices)
    if question.choices:
        problem = "" if text in question.choices else "is not one of the choices"
    else:
        problem = question.problem(text)
    if not problem:
        return None
    if not given:
        problem = f"not answered, and `{shorten(text)}` {problem}" if text else "not answered"
        return AnswerProblem(key=name, value="", problem=problem, allowed=allowed)
    return AnswerProblem(key=name, value=shorten(text) or '""', problem=problem, allowed=allowed)


def _text(value: object) -> str | None:
    """Return an answer as text; TOML and JSON give `python_version = 3.13` as a number."""
    if value is None:
        return None
    text = str(value).strip() if isinstance(value, str | float) else repr(value)
    return unicodedata.normalize("NFC", text)
