"""Which infrastructure language a project may have: what its event source has templates in."""

from __future__ import annotations

from generator.errors import AnswerProblem, AnswersError

__all__ = ["check"]


def check(iac: str, event_source: str, offered: tuple[str, ...]) -> None:
    """Refuse an infrastructure language that an event source has no templates in.

    Args:
        iac: The language that was answered.
        event_source: What starts the function.
        offered: The languages that the event source has templates in.

    Raises:
        AnswersError: There are none yet.
    """
    if iac in offered:
        return
    problem = f"there is no stack for the event source `{event_source}` yet"
    raise AnswersError((AnswerProblem(key="iac", value=iac, problem=problem, allowed=", ".join(offered)),))
