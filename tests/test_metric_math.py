"""Rendered tests evaluate alarms as CloudWatch does: the examples of its documentation come out as there.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

import pytest
from toolbox import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

PARTIAL = REPOSITORY / "templates" / "_partials" / "fargate-service" / "metric_math.py"

Series = list[float | None]


@pytest.fixture(scope="module")
def value_of() -> Callable[[str, dict[str, float | None]], float | None]:
    found: Callable[[str, dict[str, float | None]], float | None] = runpy.run_path(str(PARTIAL))["value_of"]
    return found


@pytest.mark.parametrize(
    ("expression", "metrics", "values"),
    [
        ("m1 < m2", ([30, 20, 0, 0], [20, None, 20, None]), [0, 0, 1, 0]),
        ("m1 >= 30", ([30, 20, 0, 0], []), [1, 0, 0, 0]),
        ("m1 > 15 AND m2 > 15", ([30, 20, 0, 0], [20, None, 20, None]), [1, 0, 0, 0]),
        (
            "IF(m1, m2, m3)",
            ([1, 1, 0, 0, None], [30, None, 0, 0, 30], [0, 0, 20, None, 20]),
            [30, 0, 20, None, None],
        ),
        ("IF(m1, 5, m3)", ([1, 1, 0, 0, None], [], [0, 0, 20, None, 20]), [5, 5, 20, None, None]),
        ("IF(m1, m2, 5)", ([1, 1, 0, 0, None], [30, None, 0, 0, 30]), [30, 0, 5, 5, None]),
        ("IF(m1 < 400, m1)", ([10, 500, None],), [10, None, None]),
        ("m1 + m2", ([1, None, None], [2, 3, None]), [3, 3, None]),
        ("m1 / m2", ([6, 6, None], [2, 0, 3]), [3, None, 0]),
        ("FILL(m1, 10) * 2", ([3, None],), [6, 20]),
    ],
)
def test_what_the_documentation_says_comes_out(
    expression: str,
    metrics: tuple[Series, ...],
    values: Series,
    value_of: Callable[[str, dict[str, float | None]], float | None],
) -> None:
    named = [
        {f"m{number}": series[at] for number, series in enumerate(metrics, 1) if series}
        for at in range(len(values))
    ]

    assert [value_of(expression, minute) for minute in named] == values


def test_what_is_not_known_here_is_no_value(
    value_of: Callable[[str, dict[str, float | None]], float | None],
) -> None:
    with pytest.raises(NotImplementedError, match="RATE"):
        value_of("RATE(m1)", {"m1": 1})
