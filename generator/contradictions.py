"""Finds answers that cannot all be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.completion import MS_PER_SECOND, complete
from generator.errors import AnswerProblem
from generator.fact_values import shown
from generator.limits import is_broken
from generator.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.policy_model import Policy

__all__ = ["contradictions"]

_WINDOWS = frozenset({"windows_container", "windows_host"})
_REQUEST_PROTOCOLS = frozenset({"grpc_unary"})


def contradictions(given: Mapping[str, object], policy: Policy) -> Iterator[AnswerProblem]:
    """Yield a problem for each answer that another one denies; the problem stands at the later question.

    Args:
        given: Typed answers by fact, each right by itself.
        policy: The limits that the Lambda envelope sums up.
    """
    yield from _envelope(given, policy)
    yield from _durations(given)
    yield from _protocol(given)
    if given.get("event_kind") is not None and given.get("trigger") not in {None, "event"}:
        problem = f"contradicts trigger = {given['trigger']}"
        yield _problem(given, "event_kind", problem, "trigger = event, or no event_kind")
    host_needs = given.get("host_needs")
    if isinstance(host_needs, tuple) and _WINDOWS & set(host_needs) and given.get("architecture") == "arm64":
        yield _problem(
            given, "architecture", "contradicts host_needs, because Windows needs x86_64", "x86_64"
        )


def _durations(given: Mapping[str, object]) -> Iterator[AnswerProblem]:
    average, slowest = given.get("avg_run_ms"), given.get("longest_run_s")
    if (
        isinstance(average, int | float)
        and isinstance(slowest, int | float)
        and average > slowest * MS_PER_SECOND
    ):
        problem = f"contradicts longest_run_s = {say(slowest)}: an average is not longer than the slowest run"
        yield _problem(given, "avg_run_ms", problem, f"at most {say(slowest * MS_PER_SECOND, 'ms')}")


def _protocol(given: Mapping[str, object]) -> Iterator[AnswerProblem]:
    protocol, trigger = given.get("protocol"), given.get("trigger")
    if protocol is None or trigger is None:
        return
    wanted = "http" if protocol in _REQUEST_PROTOCOLS else "connection_in"
    if trigger != wanted:
        problem = f"contradicts trigger = {trigger}"
        yield _problem(given, "protocol", problem, f"trigger = {wanted}, or no protocol")


def _envelope(given: Mapping[str, object], policy: Policy) -> Iterator[AnswerProblem]:
    if given.get("fits_lambda_envelope") != "yes":
        return
    values = complete(given, policy)
    for limit in policy.limits.values():
        if limit.envelope and limit.fact in given and is_broken(limit, values):
            bound = say(limit.value, limit.unit)
            problem = "contradicts fits_lambda_envelope = yes"
            yield _problem(given, limit.fact, problem, f"at most {bound}, or fits_lambda_envelope = no")


def _problem(given: Mapping[str, object], key: str, problem: str, allowed: str) -> AnswerProblem:
    return AnswerProblem(key=key, value=shown(given[key]), problem=problem, allowed=allowed)
