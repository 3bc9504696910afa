"""How warm a box may be, without AWS."""

from __future__ import annotations

import pytest

from cold_boxes import domain
from cold_boxes.domain import Verdict


@pytest.mark.parametrize(
    ("celsius", "verdict"),
    [
        (-60.0, Verdict.TOO_COLD),
        (1.99, Verdict.TOO_COLD),
        (domain.COLDEST, Verdict.KEPT),
        (domain.WARMEST, Verdict.KEPT),
        (8.01, Verdict.TOO_WARM),
        (80.0, Verdict.TOO_WARM),
    ],
)
def test_a_temperature_has_a_meaning(celsius: float, verdict: Verdict) -> None:
    assert domain.judge(celsius) == verdict


@pytest.mark.parametrize("celsius", [-60.1, 80.1, 1e308, float("inf"), float("nan")])
def test_no_sensor_measures_such_a_temperature(celsius: float) -> None:
    with pytest.raises(domain.ImplausibleTemperatureError, match="look at the sensor"):
        domain.judge(celsius)
