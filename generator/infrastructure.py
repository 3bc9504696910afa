"""Which infrastructure language a project may have: what there are templates in, for what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import AnswerProblem, AnswersError

if TYPE_CHECKING:
    from generator.project import Project

__all__ = ["check"]

_PLAIN_HTTP = ("api", "none", "")
"""Front, authorisation and origins of pages that the CDK stack of an HTTP API has."""


def check(project: Project, event_source: str, offered: tuple[str, ...]) -> None:
    """Refuse an infrastructure language that there are no templates in.

    Args:
        project: The answers about the project.
        event_source: What starts the function.
        offered: The languages that the event source has templates in.

    Raises:
        AnswersError: There are none yet.
    """
    asked_of_http = (project.front, project.authorisation, project.cors_origins)
    if project.iac not in offered:
        problem, allowed = f"there is no stack for the event source `{event_source}` yet", offered
    elif project.iac == "cdk" and event_source == "http" and asked_of_http != _PLAIN_HTTP:
        problem = "its stack has no function URL, no authorisation and no origins of pages yet"
        allowed = ("sam",)
    else:
        return
    raise AnswersError(
        (AnswerProblem(key="iac", value=project.iac, problem=problem, allowed=", ".join(allowed)),)
    )
