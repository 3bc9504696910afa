"""What each command does, once the command line is parsed: calls, prints, and returns an exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from generator import answers, explain, infrastructure, policy, prices, project, source, terminal
from generator.decision import decide as decide_tier

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.answers import Answers
    from generator.creation import Creation
    from generator.decision import Decision
    from generator.interview import Verdict
    from generator.plan import RenderPlan
    from generator.policy import Policy
    from generator.workload import Workload

__all__ = ["Given", "Wanted", "create", "decide", "interview", "plan_for"]

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
        from pathlib import Path

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
    decision = _decide(answers.check_facts(raw, rules), rules, **project.answered(raw, project.BILLED))
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
    folder = _folder(wanted.dest)
    name = folder.name if folder else ""
    checked = answers.check(given.raw(rules), rules, default_name=name, take_defaults=given.take_defaults)
    return _make(checked, _decide_for(checked, rules), folder, wanted)


def interview(given: Given, wanted: Wanted) -> int:
    """Ask what is not given, show the decision, ask to confirm, create; without a terminal just create."""
    if given.take_defaults or not terminal.can_ask():
        return create(given, wanted)
    from generator import interview as conversation

    rules = given.load_policy()
    raw = given.raw(rules)
    # Nobody wants to hear after ten questions what was wrong before the first.
    answers.check_given(raw, rules)
    folder = _folder(wanted.dest)
    name = folder.name if folder else ""

    def judge(facts: Mapping[str, object]) -> Verdict:
        decision = _decide(
            answers.check_facts(facts, rules), rules, **project.answered(facts, project.BILLED)
        )
        return conversation.Verdict(
            text=explain.text(decision),
            obstacle=decision.obstacle,
            offered=source.offered(source.root(), decision.tier or "", decision.event_source),
        )

    try:
        complete = conversation.conduct(raw, rules, judge=judge, default_name=name, expert=wanted.expert)
    except KeyboardInterrupt:
        terminal.say("\nnothing was written")
        raise
    checked = answers.check(complete, rules, default_name=name)
    return _make(checked, _decide_for(checked, rules), folder, wanted)


def plan_for(given: Given, *, default_name: str, template_url: str) -> tuple[Decision, RenderPlan | None]:
    """Return the decision about given answers, and the plan of its repository where one can be made."""
    rules = given.load_policy()
    raw = given.raw(rules)
    checked = answers.check(raw, rules, default_name=default_name, take_defaults=given.take_defaults)
    decision = _decide_for(checked, rules)
    return decision, None if decision.obstacle else _plan(checked, decision, template_url)


def _plan(checked: Answers, decision: Decision, template_url: str) -> RenderPlan:
    from datetime import UTC, datetime

    from generator import plan

    tier, event_source = decision.tier or "", decision.event_source
    for key, offered in source.offered(source.root(), tier, event_source).items():
        value = getattr(checked.project, key)
        infrastructure.check(key, value, tier=tier, event_source=event_source, offered=offered)
    return plan.make_plan(
        decision,
        checked.workload,
        checked.project,
        template=source.find(url=template_url),
        decided_on=datetime.now(tz=UTC).date(),
    )


def _make(checked: Answers, decision: Decision, folder: Path | None, wanted: Wanted) -> int:
    """Make the repository of a decision, or show it, or say why none can be made."""
    if obstacle := decision.obstacle:
        _print_result(decision, explain.text(decision), wanted, obstacle=obstacle)
        terminal.say(f"\nnothing was created: {obstacle}")
        return NOTHING_MADE
    planned = _plan(checked, decision, wanted.template_url)
    place = folder or _folder(checked.project.project_name)
    if place is None:
        raise ValueError("a checked project has a name")
    return (
        _show(planned, decision, place, wanted)
        if wanted.dry_run
        else _create(planned, decision, place, wanted)
    )


def _show(planned: RenderPlan, decision: Decision, folder: Path, wanted: Wanted) -> int:
    from generator import creation

    files = creation.preview(planned)
    listing = "\n".join([f"{folder} would be made of {len(files)} files:", *(f"  {file}" for file in files)])
    _print_result(decision, f"{explain.text(decision).rstrip()}\n\n{listing}", wanted, files=files)
    return 0


def _create(planned: RenderPlan, decision: Decision, folder: Path, wanted: Wanted) -> int:
    from generator import creation, summary, target

    for leftover in target.leftovers(folder):
        terminal.say(f"note: {leftover} was left by a run that was killed; it is safe to delete")
    made = creation.create(planned, folder, with_git=wanted.with_git)
    for note in made.notes:
        terminal.say(f"note: {note}")
    name = str(planned.answers["project_name"])
    _print_result(decision, summary.text(name, explain.sentence(decision), made), wanted, creation=made)
    made.audit.refuse_own_fault()
    return 0


def _print_result(  # noqa: PLR0913  what a result may consist of
    decision: Decision,
    words: str,
    wanted: Wanted,
    *,
    creation: Creation | None = None,
    files: tuple[str, ...] = (),
    obstacle: str = "",
) -> None:
    from generator import summary

    if wanted.as_json:
        contract = explain.as_json(decision)
        words = _json(summary.as_json(contract, creation=creation, files=files, obstacle=obstacle))
    terminal.data(words)


def _decide_for(checked: Answers, rules: Policy) -> Decision:
    return _decide(checked.workload, rules, **checked.project.billed())


def _decide(workload: Workload, rules: Policy, **choices: str) -> Decision:
    return decide_tier(workload, rules, prices.load(), source.templates(source.root()), **choices)


def _folder(dest: str) -> Path | None:
    """Return the folder to create, once it is sure that it can be; None when none is named."""
    from pathlib import Path

    from generator import target

    return target.check(Path(dest)) if dest else None


def _chart(decision: Decision) -> str:
    from generator import chart

    width, height = terminal.size()
    return chart.terminal(decision.cost, min(width, 100), min(height - 4, 20), colour=terminal.use_colour())


def _json(result: Mapping[str, object]) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
