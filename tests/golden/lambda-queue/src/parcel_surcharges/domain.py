"""What the service knows: what a parcel costs that weighs more than its sender said. No AWS, no queue, no environment.

Replace it by your own rules. Money is whole cents and weight whole grams, so nothing here rounds by accident.
"""

from __future__ import annotations

__all__ = ["HEAVIEST_GRAMS", "TOLERANCE_GRAMS", "ImplausibleWeightError", "surcharge_cents"]

HEAVIEST_GRAMS = 31_500
TOLERANCE_GRAMS = 100
_STEP_GRAMS = 500
_CENTS_PER_STARTED_STEP = 150


class ImplausibleWeightError(ValueError):
    """The scale shows what no parcel weighs."""

    def __init__(self, weighed_grams: int) -> None:
        super().__init__(f"a parcel weighs 1 g to {HEAVIEST_GRAMS} g, not {weighed_grams} g: look at the scale")


def surcharge_cents(declared_grams: int, weighed_grams: int) -> int:
    """Return what is charged for the weight that was not declared; nothing within the tolerance.

    Args:
        declared_grams: What the sender said.
        weighed_grams: What the scale in the depot showed.

    Raises:
        ImplausibleWeightError: The scale shows what no parcel weighs.
    """
    if not 0 < weighed_grams <= HEAVIEST_GRAMS:
        raise ImplausibleWeightError(weighed_grams)
    undeclared = weighed_grams - declared_grams
    if undeclared <= TOLERANCE_GRAMS:
        return 0
    started_steps = -(-undeclared // _STEP_GRAMS)
    return started_steps * _CENTS_PER_STARTED_STEP
