"""Events of one kind start this task, and none of them is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference
from infra.event_pattern import matches

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

SOURCE = "acme.planning"
LONGEST_AGE_SECONDS = 86_400
# All that RunTask takes, in characters.
LARGEST_OVERRIDES = 8_192
LARGEST_NUMBER = 5_000_000_000


def ordered(**detail: object) -> dict[str, Any]:
    """An order of a forecast with some fields replaced; those that are `None` are left out."""
    given = {"seed": 7, "parcels": 250, **detail}
    return {
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "source": SOURCE,
        "detail-type": "ForecastOrdered",
        "detail": {name: value for name, value in given.items() if value is not None},
    }


{% include "templates/_partials/fargate-task/infra/start_rule.py" %}


@pytest.mark.parametrize("detail", [{}, {"parcels": LARGEST_NUMBER}, {"added_by_a_sender": "later"}])
def test_an_order_starts_one_run_and_is_not_kept(start: Resource, refused: Resource, detail: dict[str, object]) -> None:
    assert matches(start.properties["EventPattern"], ordered(**detail))
    assert not matches(refused.properties["EventPattern"], ordered(**detail))


@pytest.mark.parametrize("name", ["seed", "parcels"])
@pytest.mark.parametrize("value", [None, 0, -1, "", "7", '7"},{"name":"CHECKPOINTS","value":"mine', True, False])
def test_an_order_without_its_numbers_starts_nothing_and_is_kept(
    start: Resource, refused: Resource, name: str, value: object
) -> None:
    assert not matches(start.properties["EventPattern"], ordered(**{name: value})), "it could say what it likes"
    assert matches(refused.properties["EventPattern"], ordered(**{name: value})), "nobody would see it"


@pytest.mark.parametrize("other", [{"source": "acme.depot"}, {"detail-type": "ForecastCancelled"}])
def test_events_of_another_kind_are_left_alone(start: Resource, refused: Resource, other: dict[str, str]) -> None:
    rules = (start, refused)

    assert not any(matches(rule.properties["EventPattern"], {**ordered(), **other}) for rule in rules)


def test_a_run_is_named_by_its_event_and_told_its_numbers(start: Resource) -> None:
    assert variables(told(start, ordered())) == {
        "RUN_ID": "7bf73129-1428-4cd3-a780-95db273d1602",
        "SEED": "7",
        "PARCELS": "250",
    }


def test_the_largest_order_can_be_told(start: Resource) -> None:
    assert len(told(start, ordered(seed=LARGEST_NUMBER, parcels=LARGEST_NUMBER))) <= LARGEST_OVERRIDES


def test_the_rules_are_on_the_bus_that_senders_are_told(stack: Stack, start: Resource, refused: Resource) -> None:
    buses = [rule.properties.get("EventBusName") for rule in (start, refused)]

    assert buses == [stack.outputs["EventBusName"]] * 2, "a rule hears nothing of what is sent to the other bus"


{% include "templates/_partials/fargate-task/infra/starts.py" %}
