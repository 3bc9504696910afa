"""What a project may be made with: what its tier and event source have templates for."""

from __future__ import annotations

from generator.errors import AnswerProblem, AnswersError

__all__ = ["check", "default_for"]


def default_for(tier: str) -> str:
    """Return the language that a project has when nobody chose one."""
    return "sam" if tier == "lambda" else "cdk"


_MISSING = {"iac": "stack", "aws_client": "client of its own"}


def check(key: str, value: str, event_source: str, offered: tuple[str, ...]) -> None:
    """Refuse an infrastructure language or an AWS client that an event source has no templates for.

    Args:
        key: `iac` or `aws_client`.
        value: The answer to it; empty when none was given.
        event_source: What starts each run.
        offered: The answers that the event source has templates for.

    Raises:
        AnswersError: There are none yet.
    """
    if not value or value in offered:
        return
    problem = f"there is no {_MISSING[key]} for the event source `{event_source}` yet"
    raise AnswersError((AnswerProblem(key=key, value=value, problem=problem, allowed=", ".join(offered)),))
