"""The policy and its questions for reference: limits in words, every answer as a list or a JSON Schema."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from generator import fact_values, project
from generator.conditions import ALWAYS
from generator.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.conditions import Condition, Test
    from generator.policy_model import Fact, Limit, Policy

__all__ = ["answers_text", "json_schema", "policy_as_json", "policy_markdown", "policy_text"]

WIDTH = 100
SCHEMA_VERSION = 1

_RULE = "The first tier with no broken limit is the answer."

_TYPES: dict[str, dict[str, object]] = {
    "choice": {"type": "string"},
    "multichoice": {"type": "array", "uniqueItems": True},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "bool": {"type": "boolean"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
}


def policy_text(policy: Policy) -> str:
    """Return the tiers in order and the limits that rule them out, for a terminal."""
    lines = [f"Policy {policy.version}, checked {policy.as_of}. {_RULE}", ""]
    for number, tier in enumerate(policy.tiers, start=1):
        lines.append(f"{number}. {tier.label} ({tier.name}): {tier.summary}")
        for limit in _limits_of(policy, tier.name):
            lines += textwrap.wrap(
                f"- {limit.id}: {_limit_words(limit)}", WIDTH, initial_indent="   ", subsequent_indent="     "
            )
        lines.append("")
    return "\n".join(lines)


def policy_markdown(policy: Policy) -> str:
    """Return the same as a document, with the source of each number."""
    lines = [
        f"# Tier policy {policy.version}",
        "",
        f"Checked {policy.as_of}. {_RULE}",
        "",
    ]
    for tier in policy.tiers:
        lines += [f"## {tier.label}", "", tier.summary, ""]
        limits = _limits_of(policy, tier.name)
        if limits:
            lines += ["| limit | rule | checked | source |", "|---|---|---|---|"]
            lines += [
                f"| `{limit.id}` | {_limit_words(limit)} | {limit.checked} | {limit.source} |"
                for limit in limits
            ]
            lines.append("")
    return "\n".join(lines)


def policy_as_json(policy: Policy) -> dict[str, object]:
    """Return the tiers and limits as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": policy.version,
        "as_of": policy.as_of.isoformat(),
        "settings": dict(policy.settings),
        "tiers": [{"name": tier.name, "label": tier.label, "summary": tier.summary} for tier in policy.tiers],
        "limits": [
            {
                "id": limit.id,
                "tiers": list(limit.tiers),
                "fact": limit.fact,
                "operator": limit.operator,
                "value": list(limit.value) if isinstance(limit.value, tuple) else limit.value,
                "unit": limit.unit,
                "text": limit.text,
                "source": limit.source,
                "checked": limit.checked.isoformat(),
                "confidence": limit.confidence,
            }
            for limit in policy.limits.values()
        ],
    }


def answers_text(policy: Policy) -> str:
    """Return every key of an answers file with its question, what it accepts and its default."""
    lines = ["The workload, which decides:", ""]
    for fact in policy.facts.values():
        lines += _entry(fact.name, fact.prompt, fact_values.allowed(fact), _fact_default(fact))
    lines += ["The project, which only names things:", ""]
    for question in project.QUESTIONS:
        accepted = question.allowed or ", ".join(question.choices)
        default = "required" if question.required else question.default or "from the folder's name"
        lines += _entry(question.name, question.prompt, accepted, default)
    return "\n".join(lines)


def json_schema(policy: Policy) -> dict[str, object]:
    """Return a JSON Schema of an answers file."""
    properties = {fact.name: _fact_schema(fact) for fact in policy.facts.values()} | {
        question.name: _project_schema(question) for question in project.QUESTIONS
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers of new-service",
        "type": "object",
        "properties": properties,
        "required": [fact.name for fact in policy.facts.values() if fact.required],
        "additionalProperties": False,
    }


def _limits_of(policy: Policy, tier: str) -> list[Limit]:
    return [limit for limit in policy.limits.values() if tier in limit.tiers]


def _limit_words(limit: Limit) -> str:
    """Return a limit as a rule: `longest_run_s at most 900 s, unless divisible is yes`."""
    operator = {"at_most": "at most", "at_least": "at least", "none_of": "not"}[limit.operator]
    rule = f"{limit.fact} {operator} {_bound_words(limit.value, limit.unit)}"
    if limit.when != ALWAYS:
        rule += f", when {_condition_words(limit.when)}"
    if limit.unless is not None:
        rule += f", unless {_condition_words(limit.unless)}"
    return rule


def _condition_words(condition: Condition) -> str:
    words = [_test_words(test) for test in condition.tests]
    if condition.any_of:
        words.append(f"({' or '.join(_condition_words(alternative) for alternative in condition.any_of)})")
    return " and ".join(words)


def _test_words(test: Test) -> str:
    operator = {"in": "is"}.get(test.operator, test.operator.replace("_", " "))
    if test.operator == "given":
        return f"{test.name} is {'' if test.operand else 'not '}given"
    return f"{test.name} {operator} {_bound_words(test.operand)}"


def _bound_words(bound: object, unit: str = "") -> str:
    """Return a bound with names spelled as answers files spell them."""
    if isinstance(bound, tuple):
        return "/".join(_bound_words(item) for item in bound)
    return bound if isinstance(bound, str) else say(bound, unit)


def _entry(key: str, prompt: str, accepted: str, default: str) -> Iterator[str]:
    yield f"  {key}"
    for text in (
        prompt,
        f"{accepted}; {default}" if default == "required" else f"{accepted}; default: {default}",
    ):
        yield from textwrap.wrap(text, WIDTH, initial_indent="      ", subsequent_indent="      ")
    yield ""


def _fact_default(fact: Fact) -> str:
    if fact.required:
        return "required"
    return "none" if fact.default in {None, ()} else say(fact.default, fact.unit)


def _fact_schema(fact: Fact) -> dict[str, object]:
    schema: dict[str, object] = {"description": f"{fact.prompt} {fact.help}".strip(), **_TYPES[fact.kind]}
    names = [choice.name for choice in fact.choices]
    if fact.kind == "multichoice":
        schema["items"] = {"enum": names}
    elif names:
        schema["enum"] = names
    bounds = {
        "minimum": fact.minimum,
        "exclusiveMinimum": fact.above,
        "maximum": fact.maximum,
        "minLength": fact.shortest or None,
        "maxLength": fact.longest or None,
    }
    schema |= {name: bound for name, bound in bounds.items() if bound is not None}
    if isinstance(schema["type"], str) and not fact.required:
        # An answers file of a project holds null for what nobody answered.
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*names, None]
    return schema


def _project_schema(question: project.Question) -> dict[str, object]:
    schema: dict[str, object] = {"description": f"{question.prompt} {question.help}", "type": "string"}
    return schema | ({"enum": list(question.choices)} if question.choices else {})
