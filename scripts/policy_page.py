"""Make `docs/policy.md`, the policy as tables for readers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from generator.condition_words import condition_in_words
from generator.fact_values import allowed
from generator.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fact import Fact
    from generator.policy_model import FargateRow, Limit, Policy

__all__ = ["policy_page"]


def policy_page(policy: Policy) -> str:
    """Return the page: tiers, limits, sizes, facts, shapes, scale to zero, warnings and assumptions."""
    sections = (
        _opening,
        _tiers,
        _limits,
        _sizes,
        _facts,
        _variants,
        _event_sources,
        _scaling,
        _warnings,
        _assumptions,
    )
    return "\n".join(line for section in sections for line in section(policy)).rstrip() + "\n"


def _opening(policy: Policy) -> Iterator[str]:
    yield "# The policy"
    yield ""
    yield "Generated from `generator/policy.toml` by `make generate`. Change that file, not this page."
    yield ""
    yield f"Version {policy.version}, checked on {policy.as_of}. The first tier whose limits a workload"
    yield "keeps is the answer. Cost, cold start, quotas and preference never change it: they are warnings."
    yield ""


def _tiers(policy: Policy) -> Iterator[str]:
    yield from _section("Tiers, in the order of preference")
    rows = (
        (f"{number}", f"`{tier.name}`", tier.label, tier.summary)
        for number, tier in enumerate(policy.tiers, 1)
    )
    yield from _table(("", "Tier", "Name", "What it is"), rows)


def _limits(policy: Policy) -> Iterator[str]:
    yield from _section("Limits")
    yield "A broken limit rules its tiers out. A number itself is still inside its limit."
    yield ""
    rows = (
        (
            f"`{limit.id}`",
            ", ".join(f"`{tier}`" for tier in limit.tiers),
            f"`{limit.fact}` {_bound(limit)}",
            _when(limit),
            f"[{limit.checked}]({limit.source})",
            limit.confidence,
        )
        for limit in policy.limits.values()
    )
    yield from _table(("Limit", "Tiers", "Allows", "Where", "Checked", "Confidence"), rows)


def _bound(limit: Limit) -> str:
    if isinstance(limit.value, tuple):
        return f"not {' or '.join(f'`{_name(item)}`' for item in limit.value)}"
    return f"{limit.operator.replace('_', ' ')} {say(limit.value, limit.unit)}"


def _when(limit: Limit) -> str:
    parts = [condition_in_words(limit.when)]
    if limit.unless is not None:
        parts.append(f"unless {condition_in_words(limit.unless)}")
    if limit.unanswered_breaks is not None:
        parts.append(f"also broken when not answered, if {condition_in_words(limit.unanswered_breaks)}")
    return "; ".join(part for part in parts if part) or "always"


def _sizes(policy: Policy) -> Iterator[str]:
    yield from _section("Fargate sizes")
    yield f"The smallest row that holds a workload is taken. [{policy.sizes.checked}]({policy.sizes.source})"
    yield ""
    rows = ((f"{row.vcpu:g}", _memory(row), "yes" if row.windows else "no") for row in policy.sizes.rows)
    yield from _table(("vCPU", "Memory (MiB)", "Windows"), rows)


def _memory(row: FargateRow) -> str:
    steps = {larger - smaller for smaller, larger in pairwise(row.memory_mib)}
    if len(row.memory_mib) > 3 and len(steps) == 1:  # noqa: PLR2004  a list of three is easier to read than a range
        return f"{row.memory_mib[0]:,} to {row.memory_mib[-1]:,} in steps of {steps.pop():,}"
    return ", ".join(f"{size:,}" for size in row.memory_mib)


def _facts(policy: Policy) -> Iterator[str]:
    yield from _section("Questions, in asking order")
    yield "Every key is also a key of an answers file. A question is asked only while its answer can matter."
    yield ""
    rows = (
        (
            f"{fact.step}",
            f"`{fact.name}`",
            fact.prompt,
            allowed(fact),
            _default(fact),
            "with `--expert`" if fact.expert else condition_in_words(fact.asked_when) or "always",
        )
        for fact in policy.facts.values()
    )
    yield from _table(("#", "Key", "Question", "Accepts", "Default", "Asked when"), rows)


def _default(fact: Fact) -> str:
    if fact.default is None:
        return ""
    others = [f"{_name(row.value)} if {condition_in_words(row.when)}" for row in fact.defaults]
    usual = _name(fact.default) + (f" {fact.unit}" if fact.unit else "")
    text = "; ".join([usual, *others])
    return f"{text} (interview only)" if fact.interview_only_default else text


def _variants(policy: Policy) -> Iterator[str]:
    yield from _section("Shapes within a tier")
    yield "The first row of the chosen tier that fits is taken."
    yield ""
    rows = (
        (f"`{row.tier}`", f"`{row.name}`", row.text, condition_in_words(row.when) or "otherwise")
        for row in policy.variants
    )
    yield from _table(("Tier", "Variant", "What it is", "When"), rows)


def _event_sources(policy: Policy) -> Iterator[str]:
    yield from _section("What starts a function or a task")
    yield "The first row of the chosen tier that fits is taken; the folder of its templates has its name."
    yield ""
    rows = (
        (
            f"`{source.name}`",
            source.text,
            ", ".join(f"`{tier}`" for tier in source.tiers),
            condition_in_words(source.when) or "otherwise",
        )
        for source in policy.event_sources.values()
    )
    yield from _table(("Event source", "What it is", "Tiers", "When"), rows)
    for source in policy.event_sources.values():
        if source.without_template:
            read = f"[{source.checked}]({source.source})"
            yield f"`{source.name}` has no template. {source.without_template}. {read}"
            yield ""


def _scaling(policy: Policy) -> Iterator[str]:
    yield from _section("Scale to zero")
    yield "The first row of the chosen tier that fits is taken. An unwaived conflict is exit code 1."
    yield ""
    rows = (
        (
            f"`{row.tier}`",
            row.verdict,
            row.mechanism,
            f"{row.min_capacity}",
            condition_in_words(row.when) or "otherwise",
            row.text,
        )
        for row in policy.scale_to_zero
    )
    yield from _table(("Tier", "Verdict", "Wake", "Minimum", "When", "In words"), rows)


def _warnings(policy: Policy) -> Iterator[str]:
    yield from _section("Warnings")
    yield "They never change the tier."
    yield ""
    rows = (
        (
            f"`{rule.id}`",
            rule.severity,
            "an answer is near a bound" if rule.when is None else condition_in_words(rule.when),
            rule.text,
        )
        for rule in policy.warnings.values()
    )
    yield from _table(("Warning", "Severity", "When", "Says"), rows)


def _assumptions(policy: Policy) -> Iterator[str]:
    yield from _section("Assumptions")
    rows = (
        (
            f"`{row.name}`",
            say(row.value, row.unit),
            row.text,
            f"[source]({row.source})" if row.source else "judgement",
        )
        for row in policy.assumptions.values()
    )
    yield from _table(("Assumption", "Value", "Of what", "Source"), rows)


def _name(value: object) -> str:
    return value if isinstance(value, str) else say(value)


def _section(title: str) -> Iterator[str]:
    yield from (f"## {title}", "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(head)
    yield _row(("---",) * len(head))
    yield from map(_row, rows)
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
