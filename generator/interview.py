"""The interview: which question comes next, what going back undoes, and when the decision is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator import project, prompts, terminal, workload
from generator.errors import AnswersError
from generator.questions import fact_is_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.errors import AnswerProblem
    from generator.policy import Fact, Policy

__all__ = ["Verdict", "conduct"]

CONFIRMED = ""
"""Key of the confirmation among the answers; no question has an empty name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the facts lead to.

    Attributes:
        text: The decision and its reasons.
        obstacle: Why no repository can be made of it; empty when one can.
        offered: The choices that its event source has templates for, by the key of their question.
    """

    text: str
    obstacle: str
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A question that is due, and the key of its answer."""

    key: str
    prompt: prompts.Prompt


def conduct(
    given: Mapping[str, object],
    policy: Policy,
    *,
    judge: Callable[[Mapping[str, object]], Verdict],
    default_name: str = "",
    expert: bool = False,
) -> dict[str, object]:
    """Ask everything that still matters.

    Args:
        given: Answers that are known already, raw but free of problems; they are not asked.
        policy: The facts, in asking order.
        judge: Decides from raw facts.
        default_name: Name that is proposed for the project.
        expert: Ask the rarely needed questions too.

    Returns:
        Raw answers, complete.

    Raises:
        KeyboardInterrupt: The person ended the interview, or declined.
    """
    terminal.say(
        "Enter takes what is shown, ? explains, < goes back, Ctrl-C ends; nothing is written until the end.\n"
    )
    known = dict(given)
    asked: list[str] = []
    while (step := _next_step(known, policy, judge, default_name=default_name, expert=expert)) is not None:
        reply = prompts.ask(step.prompt)
        if step.key == CONFIRMED and reply is False:
            raise KeyboardInterrupt
        if reply is not prompts.BACK:
            known[step.key] = reply
            asked.append(step.key)
        elif asked:
            del known[asked.pop()]
        else:
            terminal.say("  This is the first question.")
    return {key: value for key, value in known.items() if key != CONFIRMED}


def _next_step(
    known: Mapping[str, object],
    policy: Policy,
    judge: Callable[[Mapping[str, object]], Verdict],
    *,
    default_name: str,
    expert: bool,
) -> _Step | None:
    facts = {key: value for key, value in known.items() if key in policy.facts}
    typed = _typed(facts, policy)
    for fact in policy.facts.values():
        if fact.name not in known and fact_is_asked(fact, typed, policy, expert=expert):
            return _Step(key=fact.name, prompt=_fact_prompt(fact, facts, policy))
    if CONFIRMED not in known:
        return _Step(key=CONFIRMED, prompt=_confirmation(judge(facts)))
    for question in project.QUESTIONS:
        if question.name not in known and (expert or not question.expert):
            choices = judge(facts).offered.get(question.name, question.choices)
            prompt = _project_prompt(replace(question, choices=choices), known, default_name)
            return _Step(key=question.name, prompt=prompt)
    return None


def _typed(facts: Mapping[str, object], policy: Policy) -> dict[str, object]:
    """Return the given facts as their kinds say, because conditions compare numbers, not texts."""
    return {key: workload.parse_one(key, value, policy) for key, value in facts.items() if value is not None}


def _fact_prompt(fact: Fact, facts: Mapping[str, object], policy: Policy) -> prompts.Prompt:
    def check(value: object) -> tuple[str, ...]:
        """Judge one answer among those given; the required first one alone can be missing."""
        try:
            workload.parse({"trigger": "http", **facts, fact.name: value}, policy)
        except AnswersError as error:
            return _ways_to_say(error.problems[0])
        return ()

    choices = tuple(prompts.Choice(value=choice.name, text=choice.text) for choice in fact.choices)
    if fact.kind == "bool":
        choices = (prompts.Choice(value=True, text="yes"), prompts.Choice(value=False, text="no"))
    return prompts.Prompt(
        text=fact.prompt,
        help=fact.help,
        kind="several" if fact.kind == "multichoice" else "one" if choices else "typed",
        choices=choices,
        unit=fact.unit,
        default=workload.default_of(fact, facts, policy),
        check=check,
    )


def _ways_to_say(problem: AnswerProblem) -> tuple[str, ...]:
    """Return a problem with what is allowed, and the problem alone for a narrow screen."""
    return f"It {problem.problem}; allowed: {problem.allowed}", f"It {problem.problem}"


def _confirmation(verdict: Verdict) -> prompts.Prompt:
    terminal.say(f"\n{verdict.text}\n")
    if verdict.obstacle:
        return prompts.Prompt(
            text="No repository can be made of this. What now?",
            help=f"{verdict.obstacle}.",
            kind="one",
            choices=(
                prompts.Choice(value=prompts.BACK, text="go back and change an answer"),
                prompts.Choice(value=False, text="end here"),
            ),
        )
    return prompts.Prompt(
        text="Create this service?",
        help="Nothing is written before the last question is answered.",
        kind="one",
        choices=(
            prompts.Choice(value=True, text="yes"),
            prompts.Choice(value=prompts.BACK, text="go back and change an answer"),
            prompts.Choice(value=False, text="no"),
        ),
        default=True,
    )


def _project_prompt(
    question: project.Question, known: Mapping[str, object], default_name: str
) -> prompts.Prompt:
    name = str(known.get("project_name") or default_name)
    default = project.defaults(name)[question.name]
    if question.choices and default not in question.choices:
        default = question.choices[0]

    def check(value: object) -> tuple[str, ...]:
        problem = project.problem_with(question.name, str(value))
        return () if problem is None else _ways_to_say(problem)

    return prompts.Prompt(
        text=question.prompt,
        help=question.help,
        kind="one" if question.choices else "typed",
        choices=tuple(prompts.Choice(value=choice, text=choice) for choice in question.choices),
        default=None if question.required else default,
        check=check,
    )
