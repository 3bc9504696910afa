"""Turns requests a month into what happens in the busiest second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_model import Policy

__all__ = ["Traffic", "traffic_of", "with_traffic"]

_MS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How often units of work start, and how many run at once."""

    mean_per_second: float
    peak_per_second: float
    peak_concurrency: int


def traffic_of(values: Mapping[str, object], policy: Policy) -> Traffic:
    """Return the traffic that facts by name describe; what is not known counts as zero."""
    mean = _number(values, "requests_per_month") / policy.number("seconds_per_month")
    peak = _number(values, "peak_per_s") or mean * policy.number("peak_factor")
    at_peak = _round_up(peak * _number(values, "avg_run_ms") / _MS_PER_SECOND)
    return Traffic(
        mean_per_second=mean,
        peak_per_second=peak,
        peak_concurrency=max(1, at_peak, _items_at_once(values)),
    )


def with_traffic(values: Mapping[str, object], policy: Policy) -> dict[str, object]:
    """Return facts by name, with the settings and the traffic that limits and warnings name."""
    traffic = traffic_of(values, policy)
    return {
        **values,
        **{f"settings.{name}": setting for name, setting in policy.settings.items()},
        "mean_per_second": traffic.mean_per_second,
        "peak_per_second": traffic.peak_per_second,
        "peak_concurrency": traffic.peak_concurrency,
    }


def _items_at_once(values: Mapping[str, object]) -> int:
    """Return how many items of one run are worked on at once: all, unless what they call takes fewer."""
    if values.get("trigger") != "job":
        return 0
    items = int(_number(values, "items_per_run"))
    return min(items, int(_number(values, "downstream_concurrency")) or items)


def _number(values: Mapping[str, object], name: str) -> float:
    value = values.get(name)
    return value if isinstance(value, int | float) else 0


def _round_up(value: float) -> int:
    # A tiny excess comes from binary fractions, not from the workload.
    return -int(-(value - 1e-9) // 1)
