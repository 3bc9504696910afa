"""Find the traffic from which a Fargate service stays at most as expensive as Lambda."""

from __future__ import annotations

from bisect import bisect_left
from math import floor
from typing import TYPE_CHECKING

from generator.amounts import quantity, unit_of_work
from generator.cost.service import requests_per_task, tasks
from generator.cost.values import Crossover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.cost.demand import Demand
    from generator.cost.values import Basis
    from generator.sizing import Size

__all__ = ["crossover"]


def crossover(
    demand: Demand, sizes: Mapping[str, Size], usd: Mapping[str, Callable[[float], float]], basis: Basis
) -> Crossover:
    """Return the crossover between Lambda and a Fargate service, looked for up to the end of the cost curve.

    Args:
        demand: The workload.
        sizes: Tier -> its size.
        usd: Priced tier -> dollars a month by requests a month.
        basis: Prices and assumptions.
    """
    if "lambda" not in usd:
        return Crossover(
            requests_per_month=None,
            text="There is no crossover: Lambda cannot run this workload, or its cost is unknown",
        )
    if "fargate-service" not in usd:
        return Crossover(
            requests_per_month=None,
            text="There is no crossover: a Fargate service cannot run this workload, or its cost is unknown",
        )
    horizon = floor(max(basis.assumptions.curve_to, 10 * demand.requests_per_month))
    found = _smallest(demand, sizes["fargate-service"], usd["lambda"], usd["fargate-service"], basis, horizon)
    return Crossover(requests_per_month=found, text=_sentence(found, demand, horizon))


def _smallest(  # noqa: PLR0913, PLR0917  two curves, the shape of the steps in one of them, and where to stop
    demand: Demand,
    size: Size,
    on_lambda: Callable[[float], float],
    on_service: Callable[[float], float],
    basis: Basis,
    horizon: int,
) -> int | None:
    """Return the smallest traffic from which the service stays at most as expensive up to the horizon.

    Lambda's cost bends down (volume bands) and the service's bends up. So at the first request of each number
    of tasks, where its step makes the service dearest, it is dearer up to some number of tasks and then no
    more; unless it is dearer again at the horizon, where no crossover holds.
    """

    def dearer(requests: int) -> bool:
        return on_service(requests) > on_lambda(requests)

    per_task = requests_per_task(demand, size, basis)
    fewest, most = (tasks(demand.at(requests), size, basis) for requests in (0, horizon))

    def first_request(count: int) -> int:
        return 1 if count <= fewest else min(horizon, floor((count - 1) * per_task) + 1)

    if dearer(horizon) or (most > fewest and dearer(first_request(most))):
        return None
    counts = range(fewest, most + 1)
    settled = fewest + bisect_left(counts, True, key=lambda count: not dearer(first_request(count)))  # noqa: FBT003
    low = first_request(max(fewest, settled - 1))
    high = horizon if settled > most else first_request(settled)
    requests = range(low, high + 1)
    return low + bisect_left(requests, True, key=lambda count: not dearer(count))  # noqa: FBT003


def _sentence(found: int | None, demand: Demand, horizon: int) -> str:
    unit = unit_of_work(demand.trigger)
    if found is None:
        return (
            f"There is no crossover up to {quantity(horizon)} {unit} a month: "
            "with more traffic the service needs more tasks, and Lambda still costs less there"
        )
    relation = "above" if demand.requests_per_month >= found else "below"
    return (
        f"From {quantity(found)} {unit} a month on, a Fargate service costs no more than Lambda; "
        f"this workload has {quantity(demand.requests_per_month)}, {relation} it"
    )
