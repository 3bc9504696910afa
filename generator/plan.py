"""Makes the plan of a repository: every answer that the template of the chosen tier receives.

The template decides nothing, so everything that needs a decision is in the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import explain, infrastructure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from generator.decision import Decision
    from generator.project import Project
    from generator.workload import Workload

__all__ = ["RenderPlan", "TemplateSource", "make_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSource:
    """Where the templates are read, and where a rendered repository finds them again.

    Attributes:
        root: The folder that holds `copier.yml` and `templates/`.
        url: Git URL of the template, for `_src_path`; portable, never a path of this machine.
        ref: Tag of the release, for `_commit`.
    """

    root: Path
    url: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """A repository to be rendered.

    Attributes:
        tier: Names the template.
        answers: Every answer of the template by its key; plain values only.
        template: Where the template is.
    """

    tier: str
    answers: Mapping[str, object]
    template: TemplateSource


def make_plan(
    decision: Decision, workload: Workload, project: Project, *, template: TemplateSource, decided_on: date
) -> RenderPlan:
    """Plan the repository of a decision that chose a tier.

    Args:
        decision: Names the tier; a decision without one has nothing to plan.
        workload: The facts it was taken from.
        project: Names and licence.
        template: Where the template is.
        decided_on: The day that the decision's record shows.
    """
    if decision.tier is None:
        raise ValueError("a decision without a tier has no repository")
    answers = {
        **workload.facts(),
        **project.answers(),
        "iac": project.iac or infrastructure.default_for(decision.tier),
        "tier": decision.tier,
        "variant": decision.variant,
        "event_source": decision.event_source,
        "decision": explain.record(decision, decided_on=decided_on),
    }
    return RenderPlan(tier=decision.tier, answers=answers, template=template)
