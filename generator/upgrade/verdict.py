"""Whether a repository is still on the tier that the policy gives to its workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.decision import Decision

__all__ = ["Place", "Verdict", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service runs.

    Attributes:
        tier: Name of the tier.
        variant: Shape within the tier.
        event_source: What starts each run, of a function or a task.
    """

    tier: str
    variant: str
    event_source: str

    @property
    def name(self) -> str:
        """Return what names the place in files and data: `lambda-http`, `fargate-service`."""
        return f"{self.tier}-{self.event_source}" if self.event_source else self.tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the policy says of the repository today.

    Attributes:
        outcome: `still` where it is, `moves` there now, `elsewhere` without following, or `refused`.
        before: Where the repository is.
        after: Where the policy puts it; None when it puts it nowhere.
        words: The same in one sentence without its full stop.
    """

    outcome: Literal["still", "moves", "elsewhere", "refused"]
    before: Place
    after: Place | None
    words: str

    @property
    def holds(self) -> bool:
        """Whether the repository is, or now comes, where the policy puts it."""
        return self.outcome in {"still", "moves"}


def judge(stored: Mapping[str, object], decision: Decision, *, follows: bool) -> Verdict:
    """Compare where a repository is with where the policy puts it.

    Args:
        stored: The answers of the repository, with `tier`, `variant` and `event_source`.
        decision: Taken from them under the policy of today.
        follows: Whether the repository follows the decision to another place.
    """
    before = Place(
        tier=str(stored.get("tier") or ""),
        variant=str(stored.get("variant") or ""),
        event_source=str(stored.get("event_source") or ""),
    )
    if decision.tier is None or decision.obstacle:
        words = f"the policy says no: {decision.obstacle}"
        return Verdict(outcome="refused", before=before, after=None, words=words)
    after = Place(tier=decision.tier, variant=decision.variant, event_source=decision.event_source)
    if after == before:
        return Verdict(outcome="still", before=before, after=after, words=f"still {_said(after, decision)}")
    where = f"from {_said(before, decision)} to {_said(after, decision)}"
    reason = f", because {_because(decision)}" if after.tier != before.tier else ""
    if follows:
        return Verdict(outcome="moves", before=before, after=after, words=f"moves {where}{reason}")
    words = f"would now go {where}{reason}; it stays, and `new-service upgrade --move` follows"
    return Verdict(outcome="elsewhere", before=before, after=after, words=words)


def _said(place: Place, decision: Decision) -> str:
    label = decision.tier_labels.get(place.tier, place.tier)
    return f"{label} ({place.event_source or place.variant})"


def _because(decision: Decision) -> str:
    """Return the broken limit that rules out the tier before, or else why the chosen one holds."""
    return decision.rejected[0].text if decision.rejected else decision.reasons[0]
