"""What a project may be made with: what its tier and event source have templates for."""

from __future__ import annotations

from generator.errors import AnswerProblem, AnswersError

__all__ = ["check", "default_for"]


def default_for(tier: str) -> str:
    """Return the language that a project has when nobody chose one."""
    return "sam" if tier == "lambda" else "cdk"


_MISSING = {"iac": "{} stack", "aws_client": "client of its own"}


def check(key: str, value: str, *, tier: str | None, event_source: str, offered: tuple[str, ...]) -> None:
    """Refuse an infrastructure language or an AWS client that there are no templates for.

    Args:
        key: `iac` or `aws_client`.
        value: The answer to it; empty when none was given.
        tier: Where it runs. Functions differ by their event source, all else only by the tier.
        event_source: What starts each run.
        offered: The answers that there are templates for.

    Raises:
        AnswersError: There are none yet.
    """
    if not value or value in offered:
        return
    whose = f"event source `{event_source}` yet" if tier == "lambda" else f"tier `{tier}`"
    problem = f"there is no {_MISSING[key].format(value.upper())} for the {whose}"
    raise AnswersError((AnswerProblem(key=key, value=value, problem=problem, allowed=", ".join(offered)),))
