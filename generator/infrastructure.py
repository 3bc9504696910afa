"""Which infrastructure language a project may have: what its tier and event source have templates in."""

from __future__ import annotations

from generator.errors import AnswerProblem, AnswersError

__all__ = ["check", "default_for"]


def default_for(tier: str) -> str:
    """Return the language that a project has when nobody chose one."""
    return "sam" if tier == "lambda" else "cdk"


def check(iac: str, event_source: str, offered: tuple[str, ...]) -> None:
    """Refuse an infrastructure language that an event source has no templates in.

    Args:
        iac: The language that was answered; empty when none was.
        event_source: What starts each run.
        offered: The languages that the event source has templates in.

    Raises:
        AnswersError: There are none yet.
    """
    if not iac or iac in offered:
        return
    problem = f"there is no stack for the event source `{event_source}` yet"
    raise AnswersError((AnswerProblem(key="iac", value=iac, problem=problem, allowed=", ".join(offered)),))
