"""What the audit works out is what the price data says of its own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from toolbox import REPOSITORY

from generator import prices
from generator.audit.formulas import evaluate
from generator.audit.idle import idle_of
from generator.audit.stack import Resource, Stack
from generator.audit.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

CENT = 0.01
FACTS = yaml.load(
    (REPOSITORY / "data" / "aws-facts.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
)
ROWS = {row["type"]: row for row in FACTS["idle_cost_by_cfn_type"] if "formula" in row}


@pytest.mark.parametrize("kind", ROWS)
def test_formula_gives_the_example(kind: str) -> None:
    row, known = ROWS[kind], prices.load()

    names = {name: variable.get("default", 0) for name, variable in row["vars"].items()}
    usd = evaluate(row["formula"], {**names, **row.get("example_with", {})}, known.hourly)

    assert usd == pytest.approx(row["example_usd_per_month"], abs=CENT)


def written(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return properties that say what an example is about; `None` where another resource would have to."""
    properties: dict[str, Any] = {}
    for name, value in row.get("example_with", {}).items():
        variable = row["vars"][name]
        paths = variable.get("path", "")
        path = paths if isinstance(paths, str) else paths[0]
        if not path or "(" in path or "[]" in path or {"map", "measure", "divide_by"} & set(variable):
            return None
        *above, last = path.split(".")
        place = properties
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return properties


WRITTEN = {
    kind: properties
    for kind, row in ROWS.items()
    if row["idle"] == "fixed" and (properties := written(row)) is not None
}


def as_value(data: Any) -> Value:
    if isinstance(data, list):
        return Value([as_value(inner) for inner in data])
    return Value({name: as_value(inner) for name, inner in data.items()} if isinstance(data, dict) else data)


@pytest.mark.parametrize("kind", WRITTEN)
def test_resource_of_the_example_costs_what_it_says(kind: str) -> None:
    resource = Resource(
        logical_id="It", type=kind, properties=as_value(WRITTEN[kind]), file="template.yaml", line=1
    )
    stack = Stack(file="template.yaml", resources={"It": resource})

    idle = idle_of(resource, stack, prices.load())

    assert (idle.bills, idle.why_unknown) == (True, "")
    assert idle.usd_per_month == pytest.approx(ROWS[kind]["example_usd_per_month"], abs=CENT)


def test_most_fixed_prices_are_looked_at_as_resources() -> None:
    fixed = [kind for kind, row in ROWS.items() if row["idle"] == "fixed"]

    assert len(WRITTEN) > 0.8 * len(fixed) > 20


def test_expression_over_metrics_is_no_metric_that_bills() -> None:
    of_metric = {"MetricStat": {"Period": 60, "Stat": "Sum"}}
    metrics = [{"Id": "a", **of_metric}, {"Id": "b", **of_metric}, {"Id": "c", "Expression": "a / b"}]
    alarm = Resource(
        logical_id="Alarm",
        type="AWS::CloudWatch::Alarm",
        properties=as_value({"Metrics": metrics}),
        file="template.yaml",
        line=1,
    )

    idle = idle_of(alarm, Stack(file="template.yaml", resources={"Alarm": alarm}), prices.load())

    assert idle.usd_per_month == pytest.approx(0.2)
