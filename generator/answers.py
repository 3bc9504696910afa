"""Reads answers files and `--data`, and turns them into checked facts and project answers, or one error.

It knows files and formats. What an answer may be is known by `workload` and `project`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from generator import loading
from generator import project as project_answers
from generator import workload as workload_answers
from generator.errors import AnswerProblem, AnswersError, AnswersFileError
from generator.wording import nearest, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.policy import Policy
    from generator.project import Project
    from generator.workload import Workload

__all__ = [
    "ANSWERS_FILE",
    "DECIDED_KEYS",
    "Answers",
    "check",
    "check_facts",
    "check_given",
    "merge",
    "read",
    "read_stored",
]

ANSWERS_FILE = ".copier-answers.yml"
"""What a project was made from, and the decision; Copier finds it by this name."""

SIZE_LIMIT_BYTES = 256 * 1024
"""Far above any real answers file; what is larger was given by mistake, or by malice."""

DECIDED_KEYS = frozenset({"tier", "variant", "event_source", "decision"})
"""What the generator decides; it stands in the answers file of a project, and is never an answer."""

Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everything a person has to say about a new service, checked."""

    workload: Workload
    project: Project


def read(source: str) -> dict[str, object]:
    """Read an answers file as a mapping of key to value, in the order of the file.

    Args:
        source: A path to YAML, JSON or TOML, told apart by suffix or content; `-` is standard input. The
            answers file of an existing project is read without what the generator wrote there itself.

    Raises:
        AnswersFileError: The file is missing, is no text, or is not one mapping of distinct plain keys.
    """
    name = "standard input" if source == "-" else source
    return _without_own_records(_mapping_of(_text_of(source, name), source, name))


def read_stored(path: str) -> dict[str, object]:
    """Read the answers file of a project whole, each value as Copier stored it.

    Raises:
        AnswersFileError: As `read` does.
    """
    from generator import yamlfile

    text = _text_of(path, path)
    _mapping_of(text, path, path)
    return yamlfile.load_stored(text)


def _mapping_of(text: str, source: str, name: str) -> dict[str, object]:
    loaded = loading.load(text, source, name)
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise AnswersFileError(
            f"{name}: expected a mapping of keys to answers, found {_kind_of(loaded)}",
            hint="write one `key: answer` a line; `new-service policy schema` lists the keys",
        )
    strange = [key for key in loaded if not isinstance(key, str)]
    if strange:
        raise AnswersFileError(f"{name}: {strange[0]!r} is not a key, because keys are text")
    return loaded


def merge(answers: Mapping[str, object], assignments: Iterable[str]) -> dict[str, object]:
    """Put `key=value` assignments from the command line over the answers of a file.

    `key=` without a value takes an answer about the workload back; about the project it may be an answer.

    Raises:
        AnswersError: An assignment has no key or no equals sign.
    """
    merged = dict(answers)
    problems = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        name = key.strip()
        if equals and not value and name in merged and name not in project_answers.KEYS:
            del merged[name]
        elif equals and name:
            merged[name] = value
        else:
            problems.append(
                AnswerProblem(
                    key=f"--data {shorten(assignment)}",
                    value="",
                    problem="no answer is given",
                    allowed="KEY=VALUE",
                )
            )
    if problems:
        raise AnswersError(tuple(problems))
    return merged


def check(
    answers: Mapping[str, object], policy: Policy, *, default_name: str = "", take_defaults: bool = False
) -> Answers:
    """Check all answers, of facts and of the project, and report every problem of both in one error.

    Args:
        answers: Raw answers by key.
        policy: Says which facts exist and what they may be.
        default_name: The name of the folder to create, which names the project when no answer does.
        take_defaults: Take the default of a required question too, where it is not answered.
    """
    problems = list(_key_problems(answers, policy))
    workload, fact_problems = _gather(lambda: workload_answers.parse(_facts_of(answers, policy), policy))
    own = {key: value for key, value in answers.items() if key in project_answers.KEYS}
    project, project_problems = _gather(
        lambda: project_answers.parse(own, default_name=default_name, take_defaults=take_defaults)
    )
    problems += [*fact_problems, *project_problems]
    if problems or workload is None or project is None:
        raise AnswersError(tuple(problems))
    return Answers(workload=workload, project=project)


def check_facts(answers: Mapping[str, object], policy: Policy) -> Workload:
    """Check the facts alone, as a decision needs them; answers about the project may stand beside them."""
    problems = list(_key_problems(answers, policy))
    workload, fact_problems = _gather(lambda: workload_answers.parse(_facts_of(answers, policy), policy))
    if problems or workload is None:
        raise AnswersError((*problems, *fact_problems))
    return workload


def check_given(answers: Mapping[str, object], policy: Policy) -> None:
    """Check the answers that are there, while others are still to be asked."""
    facts = _facts_of(answers, policy)
    required = {fact.name: fact.default for fact in policy.facts.values() if fact.required}
    _, problems = _gather(lambda: workload_answers.parse(required | facts, policy))
    own = (
        project_answers.problem_with(key, str(answers[key])) for key in project_answers.KEYS if key in answers
    )
    found = (*_key_problems(answers, policy), *problems, *(problem for problem in own if problem))
    if found:
        raise AnswersError(found)


def _key_problems(answers: Mapping[str, object], policy: Policy) -> tuple[AnswerProblem, ...]:
    """Return a problem for every key that is no question, with the nearest key that is one."""
    known = (*policy.facts, *project_answers.KEYS)
    problems = []
    for key, value in answers.items():
        if key in DECIDED_KEYS:
            problem = "is decided by the policy, not answered"
            problems.append(
                AnswerProblem(key=key, value=shorten(value), problem=problem, allowed="leave it out")
            )
        elif key not in known:
            close = nearest(key, known)
            allowed = f"did you mean `{close}`?" if close else "a key of `new-service policy schema`"
            problems.append(
                AnswerProblem(key=shorten(key), value=shorten(value), problem="unknown key", allowed=allowed)
            )
    return tuple(problems)


def _facts_of(answers: Mapping[str, object], policy: Policy) -> dict[str, object]:
    return {key: value for key, value in answers.items() if key in policy.facts}


def _gather(parse: Callable[[], Checked]) -> tuple[Checked | None, tuple[AnswerProblem, ...]]:
    try:
        return parse(), ()
    except AnswersError as error:
        return None, error.problems


def _without_own_records(answers: dict[str, object]) -> dict[str, object]:
    """Drop what the generator wrote into a project's answers file: the template's place, the old decision."""
    if "_src_path" not in answers:
        return answers
    return {key: value for key, value in answers.items() if key[:1] != "_" and key not in DECIDED_KEYS}


def _text_of(source: str, name: str) -> str:
    try:
        raw = _bytes_of(source)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AnswersFileError(f"cannot read answers file {shorten(name, 200)}: {reason}") from error
    if len(raw) > SIZE_LIMIT_BYTES:
        raise AnswersFileError(
            f"{name}: larger than {SIZE_LIMIT_BYTES // 1024} KiB, so it is no answers file"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise AnswersFileError(
            f"{name}: line {line}: not UTF-8 text", hint="save the file as UTF-8"
        ) from error


def _bytes_of(source: str) -> bytes:
    """Read at most one byte more than is allowed, because a device or a pipe need not end."""
    if source == "-":
        return sys.stdin.buffer.read(SIZE_LIMIT_BYTES + 1)
    with open(source, "rb") as file:  # noqa: PTH123  `decide` starts faster without pathlib
        return file.read(SIZE_LIMIT_BYTES + 1)


def _kind_of(value: object) -> str:
    return {list: "a list", str: "text", bool: "yes or no"}.get(type(value), "a single value")
