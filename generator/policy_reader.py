"""Turns the tables of a policy file into values; whether these agree is checked afterwards."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast, get_args

from generator.event_source_reader import read_event_source
from generator.fact_reader import read_fact
from generator.policy_model import (
    Assumption,
    FargateRow,
    FargateSizes,
    Limit,
    LimitOperator,
    Measure,
    Policy,
    Reason,
    ScalingRule,
    Severity,
    Tier,
    Variant,
    WarningRule,
)
from generator.policy_table import Reading, Table
from generator.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BOUNDS", "read", "row_name"]

BOUNDS = frozenset(get_args(LimitOperator))

_CONFIDENCE = ("verified", "single-source", "from-memory", "judgement")


def read(entries: Mapping[str, object], source_of: Callable[[str, str], str]) -> Policy:
    """Read the merged tables of all layers.

    Args:
        entries: The top-level tables.
        source_of: The file that gave a key of a table, for error messages.

    Raises:
        PolicyFileError: A key is missing, unknown or of a wrong type.
    """
    known = {**_rows(entries, "assumptions", "value"), **_rows(entries, "limits", "at_most", "at_least")}
    reading = Reading(
        source_of=source_of,
        numbers={name: value for name, (value, _) in known.items()},
        words={name: say(value, unit) for name, (value, unit) in known.items()},
    )
    top = Table("", dict(entries), reading)

    def named(name: str) -> list[tuple[str, Table]]:
        tables = top.tables(name)
        return [(key, Table(row_name(name, key), value, reading)) for key, value in tables.items()]

    def listed(name: str) -> list[Table]:
        return [Table(name, value, reading) for value in top.items(name)]

    # Read first, because conditions everywhere name their numbers: a wrong one is refused where it stands.
    limits = {name: _limit(name, table) for name, table in named("limits")}
    assumptions = {name: _assumption(name, table) for name, table in named("assumptions")}
    policy = Policy(
        version=top.text("version"),
        as_of=top.day("as_of"),
        settings=_settings(Table("settings", top.raw("settings"), reading)),
        tiers=tuple(_tier(name, table) for name, table in named("tiers")),
        facts={name: read_fact(name, table) for name, table in named("facts")},
        limits=limits,
        sizes=_sizes(Table("fargate", top.raw("fargate"), reading)),
        assumptions=assumptions,
        measures={name: _measure(name, table) for name, table in named("measures")},
        variants=tuple(_variant(table) for table in listed("variants")),
        event_sources={name: read_event_source(name, table) for name, table in named("event_sources")},
        scale_to_zero=tuple(_scaling(table) for table in listed("scale_to_zero")),
        reasons=tuple(_reason(table) for table in listed("reasons")),
        conflicts={name: _conflict(table) for name, table in named("conflicts")},
        warnings={name: _warning(name, table) for name, table in named("warnings")},
    )
    top.done()
    return policy


def _rows(entries: Mapping[str, object], name: str, *keys: str) -> dict[str, tuple[float, str]]:
    """Return the numbers of a table of rows with their units; what is wrong is left to the reading proper."""
    rows = entries.get(name)
    found: dict[str, tuple[float, str]] = {}
    for row_name, row in rows.items() if isinstance(rows, dict) else ():
        for key in keys:
            value = row.get(key) if isinstance(row, dict) else None
            if isinstance(value, int | float):
                found[row_name] = (value, str(row.get("unit", "")))
    return found


def row_name(table: str, key: str) -> str:
    """Return the name of a row of a table as a policy file writes it, such as `limits.'lambda.memory'`."""
    return f"{table}.'{key}'" if "." in key else f"{table}.{key}"


def _settings(table: Table) -> dict[str, str]:
    settings = {"websocket": table.one_of("websocket", ("managed-first", "fargate-service"))}
    table.done()
    return settings


def _tier(name: str, table: Table) -> Tier:
    tier = Tier(name=name, label=table.text("label"), summary=table.sentence("summary"))
    table.done()
    return tier


def _limit(name: str, table: Table) -> Limit:
    operators = [operator for operator in get_args(LimitOperator) if table.has(operator)]
    if len(operators) != 1:
        table.refuse("", f"expected exactly one of {', '.join(get_args(LimitOperator))}")
    operator: LimitOperator = operators[0]
    forbidden = operator == "none_of"
    limit = Limit(
        id=name,
        tiers=table.texts("tiers"),
        fact=table.text("fact"),
        operator=operator,
        value=cast("tuple[str | bool, ...]", tuple(table.items(operator)))
        if forbidden
        else table.number(operator),
        unit=table.text("unit", ""),
        text=table.sentence("text"),
        source=table.link("source"),
        checked=table.day("checked"),
        confidence=table.one_of("confidence", _CONFIDENCE),
        change=table.text("change", ""),
        relief=table.text("relief", ""),
        envelope=table.flag("envelope"),
        unanswered_breaks=table.condition("unanswered_breaks") if table.has("unanswered_breaks") else None,
        when=table.condition("when"),
        unless=table.condition("unless") if table.has("unless") else None,
    )
    table.done()
    return limit


def _sizes(table: Table) -> FargateSizes:
    windows = {table.as_number("windows_vcpu", item) for item in table.items("windows_vcpu")}
    rows = tuple(_size(table.inner("sizes", entry), windows) for entry in table.items("sizes"))
    for smaller, larger in pairwise(rows):
        if smaller.vcpu >= larger.vcpu or smaller.memory_mib[-1] >= larger.memory_mib[-1]:
            table.refuse("sizes", f"rows must ascend, but {larger.vcpu:g} vCPU follows {smaller.vcpu:g} vCPU")
    if not rows:
        table.refuse("sizes", "is empty")
    if windows - {row.vcpu for row in rows}:
        table.refuse("windows_vcpu", "names processors that no row of sizes has")
    sizes = FargateSizes(rows=rows, source=table.link("source"), checked=table.day("checked"))
    table.done()
    return sizes


def _size(row: Table, windows: set[float]) -> FargateRow:
    vcpu = row.number("vcpu")
    if row.has("memory_mib"):
        memory = tuple(int(row.as_number("memory_mib", item)) for item in row.items("memory_mib"))
    else:
        start, end, step = row.whole("from"), row.whole("to"), row.whole("step")
        memory = tuple(range(start, end + 1, step)) if step > 0 else ()
    if not memory or any(smaller >= larger for smaller, larger in pairwise(memory)):
        row.refuse("memory_mib", f"memory of {vcpu:g} vCPU must ascend")
    row.done()
    return FargateRow(vcpu=vcpu, memory_mib=memory, windows=vcpu in windows)


def _assumption(name: str, table: Table) -> Assumption:
    assumption = Assumption(
        name=name,
        value=table.number("value"),
        unit=table.text("unit", ""),
        text=table.text("text"),
        source=table.link("source") if table.has("source") else "",
        may_be_zero=table.flag("may_be_zero"),
    )
    table.done()
    return assumption


def _measure(name: str, table: Table) -> Measure:
    measure = Measure(name=name, unit=table.text("unit", ""), text=table.text("text"))
    table.done()
    return measure


def _variant(table: Table) -> Variant:
    variant = Variant(
        tier=table.text("tier"),
        name=table.text("name"),
        text=table.sentence("text"),
        when=table.condition("when"),
    )
    table.done()
    return variant


def _scaling(table: Table) -> ScalingRule:
    rule = ScalingRule(
        tier=table.text("tier"),
        verdict=table.text("verdict"),
        mechanism=table.text("mechanism"),
        min_capacity=table.whole("min_capacity"),
        text=table.sentence("text"),
        when=table.condition("when"),
    )
    table.done()
    return rule


def _reason(table: Table) -> Reason:
    reason = Reason(tier=table.text("tier"), text=table.sentence("text"), when=table.condition("when"))
    table.done()
    return reason


def _conflict(table: Table) -> str:
    text = table.sentence("text")
    table.done()
    return text


def _warning(name: str, table: Table) -> WarningRule:
    rule = WarningRule(
        id=name,
        severity=cast("Severity", table.one_of("severity", get_args(Severity))),
        text=table.sentence("text"),
        when=table.condition("when") if table.has("when") else None,
        serious_when=table.condition("serious_when") if table.has("serious_when") else None,
    )
    table.done()
    return rule
