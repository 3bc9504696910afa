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
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KEYS", "QUESTIONS", "Project", "Question", "defaults", "parse", "problem_with"]

DESCRIPTION_CHARACTERS = 200


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
        iac: What describes the infrastructure; `sam` or `cdk`.
        ci: `github`, `gitlab` or `none`.
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

    def answers(self) -> dict[str, object]:
        """Return the answers by key, in the order of the questions."""
        return {key: getattr(self, key) for key in KEYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about the project.

    Attributes:
        name: Key of the answer.
        prompt: What a person is asked.
        help: What the prompt does not say.
        allowed: What is accepted, in words for a message.
        choices: The accepted values when they are a closed set.
        default: The answer when none is given; empty when another answer makes it (see `defaults`).
        required: The default stands in for an answer only when defaults were asked for.
        expert: Asked on request only.
        problem: Says what is wrong with a text that is not one of `choices`; empty when nothing is.
    """

    name: str
    prompt: str
    help: str
    allowed: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    expert: bool = False
    problem: Callable[[str], str] = lambda _: ""


def _description_problem(text: str) -> str:
    if not text:
        return "is empty"
    if len(text) > DESCRIPTION_CHARACTERS:
        return f"has {len(text)} characters"
    if not text.isprintable():
        return "has a line break, control, direction or other invisible character"
    if unicodedata.combining(text[0]):
        return "begins with a combining character, which would join what stands before it"
    return ""


QUESTIONS: tuple[Question, ...] = (
    Question(
        name="project_name",
        prompt="What is the service called?",
        help="Names the repository, the CloudFormation stack and the resources.",
        allowed=f"lower-case words joined by hyphens, as orders-api; at most {names.LONGEST_NAME} characters",
        problem=names.project_name_problem,
    ),
    Question(
        name="package_name",
        prompt="What is its Python package called?",
        help="The import package below src/.",
        allowed=f"lower-case Python identifier, as orders_api; at most {names.LONGEST_NAME} characters",
        expert=True,
        problem=names.package_name_problem,
    ),
    Question(
        name="description",
        prompt="What does it do, in one line?",
        help="Stands in the README, in pyproject.toml and in the stack.",
        default="A serverless backend service.",
        allowed=f"one line of 1 to {DESCRIPTION_CHARACTERS} printable characters",
        problem=_description_problem,
    ),
    Question(
        name="owner",
        prompt="Who owns it?",
        help="A user or team of GitHub or GitLab; goes into CODEOWNERS.",
        default="@example/team",
        allowed="@user or @organisation/team",
        problem=names.owner_problem,
        required=True,
    ),
    Question(
        name="license",
        prompt="Under which licence?",
        help="proprietary means that all rights are reserved.",
        choices=("apache-2.0", "mit", "proprietary"),
        default="apache-2.0",
    ),
    Question(
        name="python_version",
        prompt="Which Python runs it?",
        help="The runtime's minor version; a service runs on one Python.",
        choices=("3.12", "3.13", "3.14"),
        default="3.13",
        expert=True,
    ),
    Question(
        name="aws_region",
        prompt="Which AWS region is deployed to first?",
        help="Each environment can have its own later; this is the default of the deploy command.",
        allowed="a region's code, as us-east-1",
        default="us-east-1",
        expert=True,
        problem=names.aws_region_problem,
    ),
    Question(
        name="iac",
        prompt="Which infrastructure language?",
        help="SAM is YAML, the CDK is Python; both end as the same resources.",
        choices=("sam", "cdk"),
        default="sam",
        expert=True,
    ),
    Question(
        name="ci",
        prompt="Which CI?",
        help="Workflows for checks and deployment are made for it.",
        choices=("github", "gitlab", "none"),
        default="github",
        expert=True,
    ),
)

KEYS: tuple[str, ...] = tuple(question.name for question in QUESTIONS)

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
    if problems:
        raise AnswersError(problems)
    texts["owner"] = f"@{texts['owner'].removeprefix('@')}"
    return Project(**texts)


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
