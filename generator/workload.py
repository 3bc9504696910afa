"""What a workload is: answers, checked against the policy all at once and completed with defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from generator import completion, fact_values
from generator.contradictions import contradictions
from generator.errors import AnswerProblem, AnswersError
from generator.wording import nearest, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Answer, Fact, Policy

__all__ = ["Workload", "default_of", "parse", "parse_one"]


_TEXTS = frozenset({"justification_text", "justification_owner", "justification_review_date"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Everything that is known about a workload; `None` where nothing is known or nothing applies.

    Each attribute is the fact of that name in the policy, with its unit.

    Attributes:
        assumptions: The facts that were not answered and stand at their default, in asking order.
    """

    trigger: str
    event_kind: str | None = None
    host_needs: tuple[str, ...] = ()
    protocol: str | None = None
    state: str | None = None
    connection_max_min: float | None = None
    connection_idle_min: float | None = None
    message_kb: float | None = None
    reconnect_ok: bool | None = None
    longest_run_s: float | None = None
    divisible: bool | None = None
    caller_waits: bool | None = None
    fits_lambda_envelope: str | None = None
    memory_mb: int | None = None
    vcpu: float | None = None
    scratch_gb: float | None = None
    package_gb: float | None = None
    request_mb: float | None = None
    response_mb: float | None = None
    body_via_s3: bool | None = None
    response_streamable: bool | None = None
    requests_per_month: int | None = None
    avg_run_ms: float | None = None
    critical: bool | None = None
    wake_ok: bool | None = None
    justification_text: str | None = None
    justification_owner: str | None = None
    justification_review_date: date | None = None
    p99_ms: float | None = None
    peak_per_s: float | None = None
    new_connections_per_s: float | None = None
    schedule_interval_s: float | None = None
    items_per_run: int | None = None
    downstream_concurrency: int | None = None
    db: str | None = None
    db_max_connections: int | None = None
    vpc: bool | None = None
    cpu_bound_share: float | None = None
    interruptible: bool | None = None
    architecture: str = "arm64"
    assumptions: tuple[str, ...] = ()

    def has(self, fact: str) -> bool:
        """Tell whether a fact was answered, rather than assumed or left open."""
        return getattr(self, fact) is not None and fact not in self.assumptions

    def values(self) -> dict[str, object]:
        """Return every fact with its value, assumed ones too, in asking order."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "assumptions"}

    def facts(self) -> dict[str, object]:
        """Return every fact as it was answered, in plain values that JSON and YAML hold.

        What was not answered is `None`, or an empty text where the answer is text or a date.

        Parsing them again gives this workload. What was assumed is left open on purpose, so that a later
        policy may assume something else.
        """
        return {
            name: _plain(value) if self.has(name) else "" if name in _TEXTS else None
            for name, value in self.values().items()
        }


def parse(raw: Mapping[str, object], policy: Policy) -> Workload:
    """Check answers and complete them.

    Args:
        raw: Answers by fact, from any file or flag; `None` is no answer, nor is an empty text for a text.
        policy: The facts, their ranges and their defaults.

    Raises:
        AnswersError: Something is wrong; it carries every problem.
    """
    problems = [_unknown(key, value, policy) for key, value in raw.items() if key not in policy.facts]
    given: dict[str, object] = {}
    for fact in policy.facts.values():
        value = raw.get(fact.name)
        if value is None or (value == "" and fact.name in _TEXTS):
            problems += [_missing(fact)] if fact.required else []
            continue
        try:
            given[fact.name] = fact_values.read(fact, value)
        except fact_values.WrongAnswerError as error:
            problems.append(fact_values.problem_of(fact, value, str(error)))
    problems += contradictions(given, policy)
    if problems:
        raise AnswersError(tuple(problems))
    values = completion.complete(given, policy)
    assumed = tuple(name for name in policy.facts if name in values and name not in given)
    return Workload(**values, assumptions=assumed)  # type: ignore[arg-type]  # each was read as its fact says


def parse_one(key: str, raw: object, policy: Policy) -> object:
    """Check one answer by itself.

    Raises:
        AnswersError: It is wrong, or no fact has that key.
    """
    if key not in policy.facts:
        raise AnswersError((_unknown(key, raw, policy),))
    fact = policy.facts[key]
    try:
        return fact_values.read(fact, raw)
    except fact_values.WrongAnswerError as error:
        raise AnswersError((fact_values.problem_of(fact, raw, str(error)),)) from error


def default_of(fact: Fact, raw: Mapping[str, object], policy: Policy) -> Answer:
    """Return what the interview offers for a fact after the answers so far, or `None`."""
    given: dict[str, object] = {}
    for name, value in raw.items():
        known = policy.facts.get(name)
        if known is not None and value is not None and not fact_values.problem_with(known, value):
            given[name] = fact_values.read(known, value)
    return completion.default_of(fact, given)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _missing(fact: Fact) -> AnswerProblem:
    return AnswerProblem(key=fact.name, value="", problem="is required", allowed=fact_values.allowed(fact))


def _unknown(key: object, value: object, policy: Policy) -> AnswerProblem:
    close = nearest(str(key), policy.facts)
    allowed = f"did you mean `{close}`?" if close else "a key of `new-service policy schema`"
    return AnswerProblem(
        key=shorten(key), value=fact_values.shown(value), problem="unknown key", allowed=allowed
    )
