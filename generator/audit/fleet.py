"""Many repositories together: compute by tier, the share that is serverless, idle bill and trend."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.audit.catalogue import load_rules
from generator.audit.rules import serverless_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["GOAL_PERCENT", "Fleet", "Member", "Share", "Trend", "as_values", "fleet_of"]

GOAL_PERCENT = 95
MANAGED = ("lambda", "fargate-task", "fargate-service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of the compute is on Lambda and Fargate, in three ways to count what nobody can tell.

    Attributes:
        managed: Units on Lambda or Fargate.
        total: All units.
        unknown: Units of which nobody can tell the tier.
    """

    managed: int
    total: int
    unknown: int

    @classmethod
    def of(cls, tiers: Mapping[str, int]) -> Share:
        """Return the share of so many units on each tier."""
        managed = sum(tiers.get(tier, 0) for tier in MANAGED)
        return cls(managed=managed, total=sum(tiers.values()), unknown=tiers.get("unknown", 0))

    @property
    def percent(self) -> float | None:
        """Without the unknown ones; `None` when nothing is known."""
        known = self.total - self.unknown
        return round(100 * self.managed / known, 1) if known else None

    @property
    def percent_if_managed(self) -> float | None:
        """As if every unknown one were on Lambda or Fargate."""
        return round(100 * (self.managed + self.unknown) / self.total, 1) if self.total else None

    @property
    def percent_if_not(self) -> float | None:
        """As if no unknown one were."""
        return round(100 * self.managed / self.total, 1) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One repository of a fleet.

    Attributes:
        name: Of its folder.
        report: The values of its report, in the form of `docs/audit.schema.json`.
        failed: Why it could not be judged; empty when it was.
    """

    name: str
    report: Mapping[str, Any]
    failed: str = ""

    def tiers(self) -> Counter[str]:
        """Return how many units are on each tier."""
        return Counter(unit["tier"] for unit in self.report.get("units", ()))

    def count(self, *codes: str) -> int:
        """Return how many findings have one of these codes."""
        return sum(one["code"] in codes for one in self.report.get("findings", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What has changed since an earlier report of the same fleet."""

    idle_usd_per_month: float
    violations: int
    percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Every repository, and what they add up to."""

    members: tuple[Member, ...]
    tiers: Mapping[str, int]
    share: Share
    idle_usd_per_month: float
    idle_unknown: int
    violations: int
    trend: Trend | None = None

    @property
    def messages(self) -> list[str]:
        """What the rules about fleets say."""
        return list(serverless_share.messages(self.share, GOAL_PERCENT, load_rules()["serverless-share"]))


def fleet_of(members: Sequence[Member], *, earlier: Mapping[str, Any] | None = None) -> Fleet:
    """Return what repositories add up to, in the order of their names.

    Args:
        members: Each repository with its report.
        earlier: An earlier report of the fleet, as `as_values` made it.
    """
    ordered = tuple(sorted(members, key=lambda member: member.name))
    tiers: Counter[str] = Counter()
    for member in ordered:
        tiers += member.tiers()
    share = Share.of(tiers)
    summaries = [member.report["summary"] for member in ordered if not member.failed]
    idle = round(sum(summary["idle_usd_per_month"] for summary in summaries), 2)
    violations = sum(summary["errors"] for summary in summaries)
    return Fleet(
        members=ordered,
        tiers=dict(sorted(tiers.items())),
        share=share,
        idle_usd_per_month=idle,
        idle_unknown=sum(summary["idle_unknown"] for summary in summaries),
        violations=violations,
        trend=_trend(earlier, idle, violations, share) if earlier is not None else None,
    )


def _trend(earlier: Mapping[str, Any], idle: float, violations: int, share: Share) -> Trend:
    before = earlier["summary"]
    percent = before["share"]["percent"]
    return Trend(
        idle_usd_per_month=round(idle - before["idle_usd_per_month"], 2),
        violations=violations - before["errors"],
        percent=None if percent is None or share.percent is None else round(share.percent - percent, 1),
    )


def as_values(fleet: Fleet) -> dict[str, Any]:
    """Return the fleet as plain values."""
    trend = fleet.trend
    return {
        "schema_version": 1,
        "summary": {
            "repositories": len(fleet.members),
            "failed": sum(bool(member.failed) for member in fleet.members),
            "tiers": dict(fleet.tiers),
            "share": {
                "managed": fleet.share.managed,
                "total": fleet.share.total,
                "unknown": fleet.share.unknown,
                "percent": fleet.share.percent,
                "percent_if_unknown_are_managed": fleet.share.percent_if_managed,
                "percent_if_unknown_are_not": fleet.share.percent_if_not,
                "goal": GOAL_PERCENT,
            },
            "errors": fleet.violations,
            "idle_usd_per_month": fleet.idle_usd_per_month,
            "idle_unknown": fleet.idle_unknown,
            "trend": None
            if trend is None
            else {
                "idle_usd_per_month": trend.idle_usd_per_month,
                "errors": trend.violations,
                "percent": trend.percent,
            },
        },
        "repositories": [
            {
                "name": member.name,
                "failed": member.failed,
                **({"report": member.report} if not member.failed else {}),
            }
            for member in fleet.members
        ],
    }
