"""What there is to say about a decision, in the order in which a reader wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.amounts import dollars, quantity, unit_of_work
from generator.sentences import say
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.decision import Decision

__all__ = ["Section", "Table", "headline", "sections"]

_MIB_PER_GIB = 1024
_SEVERITY = {"info": "Note", "warning": "Warning", "serious": "Serious"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures in columns; the first column holds words."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One question of a reader and its answer.

    Attributes:
        table: Shown before the sentences, where there is one.
    """

    title: str
    sentences: tuple[str, ...]
    table: Table | None = None


def headline(decision: Decision) -> str:
    """Return the tier with its shape and size, or that there is none."""
    if decision.tier is None:
        return "No tier fits"
    size = decision.size
    gib, rest = divmod(size.memory_mib, _MIB_PER_GIB)
    memory = f"{size.memory_mib:,} MiB" if rest else f"{gib} GiB"
    return f"{decision.label}: {decision.variant_text}, {memory}, {size.vcpu:g} vCPU, {size.architecture}"


def sections(decision: Decision) -> tuple[Section, ...]:
    """Return the sections that have something to say."""
    said = (
        Section(title="Conflict", sentences=tuple(_conflicts(decision))),
        Section(title="Why", sentences=tuple(_sentence(reason) for reason in decision.reasons)),
        Section(title="Rejected", sentences=tuple(_rejections(decision))),
        Section(title="Cost", sentences=tuple(_cost_remarks(decision)), table=_cost_table(decision)),
        Section(title="When idle", sentences=tuple(_idle(decision))),
        Section(title="Would change it", sentences=tuple(_sentence(change) for change in decision.reversal)),
        Section(title="Warnings", sentences=tuple(_warnings(decision))),
        Section(title="Assumed", sentences=tuple(_assumptions(decision))),
    )
    return tuple(section for section in said if section.sentences or section.table)


def _sentence(text: str) -> str:
    """Return a text of the policy as a sentence; a word such as `longest_run_s` keeps its small letter."""
    first = text.split(" ", 1)[0]
    start = text if "_" in first or not first.islower() else text[:1].upper() + text[1:]
    return start if start.endswith((".", "?", ":")) else f"{start}."


def _conflicts(decision: Decision) -> Iterator[str]:
    for conflict in decision.policy_conflicts:
        yield _sentence(conflict.text)
        if conflict.waived:
            owner = shorten(decision.workload.justification_owner)
            yield f"Waived: {owner} answers for it, review on {decision.workload.justification_review_date}."


def _rejections(decision: Decision) -> Iterator[str]:
    for rejection in decision.rejected:
        yield f"{decision.tier_labels[rejection.tier]}: {rejection.text} ({rejection.limit})."


def _cost_table(decision: Decision) -> Table | None:
    if not decision.cost.by_tier:
        return None
    count, unit = quantity(decision.cost.requests_per_month), unit_of_work(decision.workload.trigger)
    return Table(
        head=(f"{count} {unit} a month", "now", "ten times", "idle"),
        rows=tuple(
            (
                decision.tier_labels[cost.tier] + (" (chosen)" if cost.tier == decision.tier else ""),
                dollars(cost.usd_per_month),
                dollars(cost.usd_per_month_at_ten_times),
                dollars(cost.idle_usd_per_month),
            )
            for cost in decision.cost.by_tier
        ),
    )


def _cost_remarks(decision: Decision) -> Iterator[str]:
    chosen = decision.cost.of(decision.tier) if decision.tier else None
    idle = [part for part in chosen.parts if part.idle and part.usd_per_month] if chosen else []
    if idle and "idle_cost" not in {warning.id for warning in decision.warnings}:
        yield "Idle: " + ", ".join(f"{part.name} {dollars(part.usd_per_month)}" for part in idle) + "."
    for unpriced in decision.cost.unpriced:
        yield f"{decision.tier_labels[unpriced.tier]}: cost unknown, {unpriced.text}."
    if decision.cost.of("lambda") and decision.cost.of("fargate-service"):
        yield _sentence(decision.cost.crossover.text)
    if decision.cost.by_tier:
        yield from (_sentence(note) for note in decision.cost.notes)


def _idle(decision: Decision) -> Iterator[str]:
    """Yield how it scales to zero, unless that is the conflict that was said before."""
    if decision.tier and decision.scale_to_zero.text not in _said(decision):
        yield _sentence(decision.scale_to_zero.text)


def _warnings(decision: Decision) -> Iterator[str]:
    for warning in decision.warnings:
        if warning.text in _said(decision):
            continue
        yield f"{_SEVERITY[warning.severity]}: {_sentence(warning.text)}"


def _said(decision: Decision) -> set[str]:
    return {conflict.text for conflict in decision.policy_conflicts}


def _assumptions(decision: Decision) -> Iterator[str]:
    if decision.assumptions:
        values = decision.workload.values()
        yield ", ".join(f"{fact} {say(values[fact])}" for fact in decision.assumptions) + "."
