"""What the service knows: how warm a box with medicines may be. No AWS, no MQTT, no environment.

Replace it by your own rules.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["COLDEST", "WARMEST", "ImplausibleTemperatureError", "Verdict", "judge"]

# Degrees Celsius: what medicines stand, and what a sensor can measure.
COLDEST, WARMEST = 2.0, 8.0
_LEAST, _MOST = -60.0, 80.0


class Verdict(StrEnum):
    """What a temperature means for what is in the box."""

    KEPT = "kept"
    TOO_COLD = "too_cold"
    TOO_WARM = "too_warm"


class ImplausibleTemperatureError(ValueError):
    """The sensor shows what it cannot measure."""

    def __init__(self, celsius: float) -> None:
        super().__init__(f"a sensor measures {_LEAST:g} to {_MOST:g} degrees, not {celsius:g}: look at the sensor")


def judge(celsius: float) -> Verdict:
    """Return what a temperature means.

    Raises:
        ImplausibleTemperatureError: The sensor shows what it cannot measure.
    """
    if not _LEAST <= celsius <= _MOST:
        raise ImplausibleTemperatureError(celsius)
    if celsius < COLDEST:
        return Verdict.TOO_COLD
    return Verdict.TOO_WARM if celsius > WARMEST else Verdict.KEPT
