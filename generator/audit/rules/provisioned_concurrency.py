"""Environments of a function that are kept warm, by its alias or version or by their auto scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.billing import billing, found_at
from generator.audit.idle import Cause
from generator.audit.values import Unknown, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Found, Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:
    """Yield each function whose environments do not end."""
    for found in billing(repository, rule):
        if found.cause is not None and found.cause.path.startswith("ProvisionedConcurrencyConfig"):
            yield found
    for target, idle in repository.of_types(("AWS::ApplicationAutoScaling::ScalableTarget",)):
        dimension, minimum = (target.properties.member(name) for name in ("ScalableDimension", "MinCapacity"))
        if (
            dimension is None
            or text(dimension.data) != "lambda:function:ProvisionedConcurrency"
            or minimum is None
        ):
            continue
        if isinstance(minimum.data, Unknown) or (number(minimum) or 0) > 0:
            yield found_at(target, idle, Cause(path="MinCapacity", value=minimum), rule)
