"""The decision as plain JSON values, stable within a schema version (`docs/decision.schema.json`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.cost import Cost, TierCost
    from generator.decision import Decision

__all__ = ["SCHEMA_VERSION", "as_json", "plain_mapping"]

SCHEMA_VERSION = 1
_DECIMALS = 6


def as_json(decision: Decision) -> dict[str, object]:
    """Return the decision by the output contract: no time stamps, no NaN, the same for the same answers."""
    size, zero = decision.size, decision.scale_to_zero
    return plain_mapping(
        {
            "schema_version": SCHEMA_VERSION,
            "tier": decision.tier,
            "label": decision.label,
            "variant": decision.variant,
            "size": {name: getattr(size, name) for name in size.__slots__},
            "peak_per_second": decision.peak_per_second,
            "peak_concurrency": decision.peak_concurrency,
            "reasons": decision.reasons,
            "rejected": [
                {
                    "tier": rejection.tier,
                    "limit": rejection.limit,
                    "fact": rejection.fact,
                    "answer": rejection.answer,
                    "limit_value": rejection.bound,
                    "unit": rejection.unit,
                    "source": rejection.source,
                    "text": rejection.text,
                }
                for rejection in decision.rejected
            ],
            "not_needed": decision.not_needed,
            "warnings": [
                {
                    "id": warning.id,
                    "severity": warning.severity,
                    "text": warning.text,
                    "numbers": warning.numbers,
                }
                for warning in decision.warnings
            ],
            "scale_to_zero": {name: getattr(zero, name) for name in zero.__slots__},
            "cost": _cost(decision.cost),
            "assumptions": decision.assumptions,
            "policy_conflicts": [
                {"id": conflict.id, "text": conflict.text, "waived": conflict.waived}
                for conflict in decision.policy_conflicts
            ],
            "reversal": decision.reversal,
            "exit_code": decision.exit_code,
            "data_version": decision.data_version,
            "as_of": decision.as_of,
        }
    )


def _cost(cost: Cost) -> dict[str, object]:
    return {
        "requests_per_month": cost.requests_per_month,
        "by_tier": [_tier_cost(tier) for tier in cost.by_tier],
        "unpriced": [{"tier": tier.tier, "text": tier.text} for tier in cost.unpriced],
        "crossover": {"requests_per_month": cost.crossover.requests_per_month, "text": cost.crossover.text},
        "notes": cost.notes,
        "prices_as_of": cost.prices_as_of,
    }


def _tier_cost(cost: TierCost) -> dict[str, object]:
    return {
        "tier": cost.tier,
        "usd_per_month": cost.usd_per_month,
        "usd_per_month_at_ten_times": cost.usd_per_month_at_ten_times,
        "idle_usd_per_month": cost.idle_usd_per_month,
        "parts": [
            {"name": part.name, "usd_per_month": part.usd_per_month, "idle": part.idle} for part in cost.parts
        ],
    }


def plain_mapping(values: Mapping[str, object]) -> dict[str, object]:
    """Return a mapping with only what JSON holds in it."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: object) -> object:
    """Return a value as JSON holds it: lists for tuples, ISO dates, six decimals, null for no number."""
    if isinstance(value, Mapping):
        return plain_mapping(value)
    if isinstance(value, list | tuple | frozenset):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> float | int | None:
    if not isfinite(value):
        return None
    return int(value) if value.is_integer() else round(value, _DECIMALS)
