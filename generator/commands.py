"""What each command does, once the command line is parsed: calls, prints, and returns an exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from generator import answers, explain, policy, prices, source, terminal
from generator.decision import decide as decide_tier
from generator.errors import AnswerProblem, AnswersError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.answers import Answers
    from generator.decision import Decision
    from generator.interview import Verdict
    from generator.policy import Policy
    from generator.project import Project
    from generator.workload import Workload

__all__ = ["Given", "Wanted", "create", "decide", "interview"]

NOTHING_MADE = 1
"""Exit code when the policy says no, or when there is no template for what it says."""

Form = Literal["text", "json", "markdown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person gave on the command line about the workload.

    Attributes:
        answers_file: Path, `-` for standard input, or empty.
        assignments: `key=value` pairs, which win over the file.
        policies: Paths of policy files to layer, in order.
        take_defaults: Whether required answers may be defaults.
    """

    answers_file: str = ""
    assignments: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    take_defaults: bool = False

    def load_policy(self) -> Policy:
        """Load the policy with its layers."""
        from pathlib import Path  # noqa: PLC0415  without layers no path is needed

        return policy.load(*(Path(layer) for layer in self.policies))

    def raw(self, rules: Policy) -> dict[str, object]:
        """Read the answers, not checked yet."""
        read = answers.read(self.answers_file) if self.answers_file else {}
        merged = answers.merge(read, self.assignments)
        if self.take_defaults:
            required = (fact for fact in rules.facts.values() if fact.required)
            return {fact.name: fact.default for fact in required} | merged
        return merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a repository is to be made.

    Attributes:
        dest: Folder to create; empty for the name of the service.
        dry_run: Only show what would be made.
        with_git: Lock, initialise and commit.
        as_json: Write the result as JSON.
        template_url: Recorded as the template's place; empty for the published one.
        expert: Ask the rarely needed questions too.
    """

    dest: str = ""
    dry_run: bool = False
    with_git: bool = True
    as_json: bool = False
    template_url: str = ""
    expert: bool = False


def decide(given: Given, *, form: Form, chart: bool | None) -> int:
    """Print the decision; in a terminal a chart of its cost joins it, unless asked otherwise."""
    rules = given.load_policy()
    raw = given.raw(rules)
    decision = _decide(answers.check_facts(raw, rules), rules, front=str(raw.get("front") or "api"))
    if form == "json":
        terminal.data(_json(explain.as_json(decision)))
        return decision.exit_code
    shown = explain.markdown(decision) if form == "markdown" else explain.text(decision)
    wants_chart = chart if chart is not None else form == "text" and terminal.shows_data()
    terminal.data(f"{shown.rstrip()}\n\n{_chart(decision)}" if wants_chart else shown)
    return decision.exit_code


def create(given: Given, wanted: Wanted) -> int:
    """Create a repository from given answers; nothing is asked."""
    rules = given.load_policy()
    checked = answers.check(
        given.raw(rules), rules, default_name=_folder_name(wanted.dest), take_defaults=given.take_defaults
    )
    return _make(checked, _decide_for(checked, rules), wanted, shown=False)


def interview(given: Given, wanted: Wanted) -> int:
    """Ask what is not given, show the decision, ask to confirm, create; without a terminal create from what is given."""
    if given.take_defaults or not terminal.can_ask():
        return create(given, wanted)
    from pathlib import Path  # noqa: PLC0415

    from generator import interview as conversation  # noqa: PLC0415  prompt_toolkit is slow to import
    from generator import target  # noqa: PLC0415

    rules = given.load_policy()
    raw = given.raw(rules)
    answers.check_given(raw, rules)
    if wanted.dest:
        # Nobody wants to hear it after ten questions.
        target.check(Path(wanted.dest))

    def judge(facts: Mapping[str, object]) -> Verdict:
        decision = _decide(answers.check_facts(facts, rules), rules)
        return conversation.Verdict(
            text=explain.text(decision),
            obstacle=_obstacle(decision),
            infrastructures=source.infrastructures(source.find(), decision.event_source),
        )

    try:
        complete = conversation.conduct(
            raw, rules, judge=judge, default_name=_folder_name(wanted.dest), expert=wanted.expert
        )
    except KeyboardInterrupt:
        terminal.say("\nnothing was written")
        raise
    checked = answers.check(complete, rules, default_name=_folder_name(wanted.dest))
    return _make(checked, _decide_for(checked, rules), wanted, shown=True)


def _make(checked: Answers, decision: Decision, wanted: Wanted, *, shown: bool) -> int:
    """Make the repository of a decision, or say why none can be made; `shown` tells that the decision was printed."""
    from datetime import UTC, datetime  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from generator import creation, plan, summary, target  # noqa: PLC0415  `decide` needs none of it

    as_json = explain.as_json(decision) if wanted.as_json else {}
    obstacle = _obstacle(decision)
    if obstacle:
        terminal.data(
            _json(summary.as_json(as_json, obstacle=obstacle)) if wanted.as_json else explain.text(decision)
        )
        terminal.say(f"\nnothing was created: {obstacle}")
        return NOTHING_MADE
    _check_infrastructure(checked.project, decision.event_source)
    folder = target.check(Path(wanted.dest or checked.project.project_name))
    for leftover in target.leftovers(folder):
        terminal.say(f"note: {leftover} was left by a run that was killed; it is safe to delete")
    planned = plan.make_plan(
        decision,
        checked.workload,
        checked.project,
        template=source.find(url=wanted.template_url),
        decided_on=datetime.now(tz=UTC).date(),
    )
    if wanted.dry_run:
        files = creation.preview(planned)
        result = summary.as_json(as_json, files=files)
        listing = "\n".join(
            [f"{folder} would be made of {len(files)} files:", *(f"  {file}" for file in files)]
        )
        terminal.data(_json(result) if wanted.as_json else f"{explain.text(decision).rstrip()}\n\n{listing}")
        return 0
    made = creation.create(planned, folder, with_git=wanted.with_git)
    for note in made.notes:
        terminal.say(f"note: {note}")
    sentence = "" if shown else explain.sentence(decision)
    words = summary.text(checked.project.project_name, sentence, made)
    terminal.data(_json(summary.as_json(as_json, creation=made)) if wanted.as_json else words)
    return 0


def _check_infrastructure(project: Project, event_source: str) -> None:
    """Refuse an infrastructure language that there are no templates in for what is asked.

    Raises:
        AnswersError: There are none yet.
    """
    allowed = source.infrastructures(source.find(), event_source)
    asked_of_http = (project.front, project.authorisation, project.cors_origins)
    if project.iac not in allowed:
        problem = f"there is no stack for the event source `{event_source}` yet"
    elif project.iac == "cdk" and event_source == "http" and asked_of_http != ("api", "none", ""):
        problem = "its stack has no function URL, no authorisation and no origins of pages yet"
        allowed = ("sam",)
    else:
        return
    raise AnswersError(
        (AnswerProblem(key="iac", value=project.iac, problem=problem, allowed=", ".join(allowed)),)
    )


def _obstacle(decision: Decision) -> str:
    """Say why no repository can be made of a decision; empty when one can."""
    if decision.exit_code:
        return "; ".join(conflict.text for conflict in decision.policy_conflicts if not conflict.waived)
    if decision.has_template:
        return ""
    started_by = decision.event_source or decision.workload.trigger
    shape = f"{decision.label} ({decision.variant}) started by {started_by}"
    return f"there is no template for {shape} yet; the decision stands"


def _decide_for(checked: Answers, rules: Policy) -> Decision:
    return _decide(checked.workload, rules, front=checked.project.front)


def _decide(workload: Workload, rules: Policy, *, front: str = "api") -> Decision:
    return decide_tier(workload, rules, prices.load(), source.templates(source.find()), front=front)


def _folder_name(dest: str) -> str:
    from pathlib import Path  # noqa: PLC0415

    return Path(dest).absolute().name if dest else ""


def _chart(decision: Decision) -> str:
    from generator import chart  # noqa: PLC0415  plotext is slow to import

    width, height = terminal.size()
    return chart.terminal(decision.cost, min(width, 100), min(height - 4, 20), colour=terminal.use_colour())


def _json(result: Mapping[str, object]) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
