"""Turns a fact table of a policy file into a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from generator.fact import Answer, Choice, ConditionalDefault, Fact, Kind

if TYPE_CHECKING:
    from generator.policy_table import Table

__all__ = ["read_fact"]


def read_fact(name: str, table: Table) -> Fact:
    """Read one fact.

    Raises:
        PolicyFileError: A key is missing, unknown or of a wrong type.
    """
    kind = cast("Kind", table.one_of("kind", get_args(Kind)))
    fact = Fact(
        name=name,
        step=table.whole("step"),
        kind=kind,
        prompt=table.sentence("prompt"),
        help=table.sentence("help"),
        unit=table.text("unit", ""),
        choices=_choices(table) if kind in {"choice", "multichoice"} else (),
        default=_answer(table.raw("default", None)),
        defaults=_defaults(table),
        default_when=table.condition("default_when"),
        interview_only_default=table.flag("interview_only_default"),
        required=table.flag("required"),
        expert=table.flag("expert"),
        minimum=table.number_or_none("minimum"),
        above=table.number_or_none("above"),
        maximum=table.number_or_none("maximum"),
        shortest=table.whole("shortest", 0),
        longest=table.whole("longest", 0),
        suspect_below=table.number_or_none("suspect_below"),
        suspect_above=table.number_or_none("suspect_above"),
        suspect=table.text("suspect", ""),
        told_when=table.condition("told_when"),
        asked_when=table.condition("asked_when"),
    )
    table.done()
    return fact


def _choices(table: Table) -> tuple[Choice, ...]:
    texts = table.tables("choices")
    for name, text in texts.items():
        if not isinstance(text, str) or not text:
            table.refuse("choices", f"{name}: expected text")
    return tuple(Choice(name=name, text=str(text)) for name, text in texts.items())


def _defaults(table: Table) -> tuple[ConditionalDefault, ...]:
    rows = [table.inner("defaults", entry) for entry in table.items("defaults", [])]
    defaults = tuple(
        ConditionalDefault(when=row.condition("when"), value=_answer(row.raw("value"))) for row in rows
    )
    for row in rows:
        row.done()
    return defaults


def _answer(value: object) -> Answer:
    return tuple(value) if isinstance(value, list) else cast("Answer", value)
