"""Make the questions of `copier.yml` from the facts of the policy, between two markers.

Answers come from `new-service`, which has checked them. Whoever runs Copier alone gets the same questions,
and validators for what can be said in a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fact import Fact
    from generator.policy_model import Policy

__all__ = ["with_fact_questions"]

BEGIN, END = "# facts:begin\n", "# facts:end\n"


def with_fact_questions(policy: Policy, text: str) -> str:
    """Return the text of `copier.yml` with a question for each fact between the markers.

    Raises:
        ValueError: A marker is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"copier.yml has no lines {BEGIN.strip()!r} and {END.strip()!r}")
    questions = "\n".join(question(fact) for fact in policy.facts.values())
    return f"{before}{BEGIN}{questions}{END}{after}"


def question(fact: Fact) -> str:
    """Return one question as YAML.

    Only Copier's yaml type takes the null of an answer that was not given. Text and dates are the exception:
    as yaml they would be parsed, and not survive it.
    """
    return "\n".join([f"{fact.name}:", *_lines(fact), ""])


def _lines(fact: Fact) -> Iterator[str]:
    is_text = fact.kind in {"text", "date"}
    yield f"  type: {'str' if is_text or fact.required else 'yaml'}"
    yield f"  help: {_quoted(_help(fact))}"
    if fact.required:
        yield f"  default: {fact.default}"
        yield "  choices:"
        yield from (f"    {_quoted(choice.text)}: {choice.name}" for choice in fact.choices)
        return
    yield "  default: ''" if is_text else "  default: null"
    wrong, allowed = _validation(fact)
    if wrong:
        yield "  validator: >-"
        yield f"    {{% if {fact.name} and {wrong} %}}"
        yield f"    {allowed}"
        yield "    {% endif %}"


def _help(fact: Fact) -> str:
    choices = ", ".join(choice.name for choice in fact.choices)
    unit = "" if fact.unit.startswith("a ") else fact.unit
    hint = {"bool": "yes or no", "date": "such as 2027-06-30"}.get(fact.kind, unit or choices)
    return f"{fact.prompt} ({hint})" if hint and not fact.required else fact.prompt


def _validation(fact: Fact) -> tuple[str, str]:
    """Return a Jinja test for a wrong answer, and the message; two empty texts when there is none."""
    names = [choice.name for choice in fact.choices]
    if fact.kind == "multichoice":
        return f"{fact.name} | reject('in', {names}) | list", f"Choose among {', '.join(names)}."
    if names:
        # An unquoted yes or no is a truth value in YAML.
        accepted = [*names, True] if "yes" in names else names
        return f"{fact.name} not in {accepted}", f"Choose one of {', '.join(names)}."
    if fact.kind == "bool":
        return f"{fact.name} is not boolean", "Answer yes or no."
    if fact.is_number:
        wrong = f"({fact.name} is not number or {fact.name} is boolean or {fact.name} < 0)"
        return wrong, f"Give a number, {fact.unit}." if fact.unit else "Give a number."
    return "", ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
