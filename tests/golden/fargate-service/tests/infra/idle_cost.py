"""What a stack bills while nothing happens, by the table in idle_cost.json. Nothing is free until a row says so."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.cloudformation import ABSENT, Reference, Resource, Stack, Unknown, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Finding", "findings"]

TABLE: Mapping[str, Any] = json.loads(Path(__file__).with_name("idle_cost.json").read_text(encoding="utf-8"))
SCALABLE_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
_FOLLOWED = re.compile(r"ref\((?P<path>[^)]+)\)->(?P<type>[A-Za-z0-9:]+)\.(?P<rest>.+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """A resource that bills while idle, or of which nobody can tell that it does not."""

    resource: Resource
    text: str
    certain: bool

    def __str__(self) -> str:
        return f"{self.resource} {self.text}"


def findings(stack: Stack) -> list[Finding]:
    """Return every resource of the stack that is not known to bill nothing while idle."""
    # What is scaled bills, not what scales it.
    resources = [_as_it_idles(one, stack) for one in stack.resources.values() if one.type != SCALABLE_TARGET]
    judged = (_judge(resource, stack) for resource in resources)
    return [finding for finding in judged if finding is not None]


def _as_it_idles(resource: Resource, stack: Stack) -> Resource:
    """Return a service with the count at which auto scaling leaves it while nothing happens."""
    if resource.type != "AWS::ECS::Service":
        return resource
    minimums = [
        target.properties["MinCapacity"]
        for target in stack.of_type(SCALABLE_TARGET)
        if "${" + resource.logical_id + ".Name}" in spelled(target.properties["ResourceId"])
    ]
    counts = {"DesiredCount": max(minimums)} if minimums else {}
    return replace(resource, properties={**resource.properties, **counts})


def _judge(resource: Resource, stack: Stack) -> Finding | None:
    if row := TABLE["bills_when"].get(resource.type):
        holds = _holds(row["when"], resource, stack)
        if holds is False:
            return None
        if isinstance(holds, Unknown):
            text = f"may bill while idle, nobody can tell: {holds.reason}. Write a value that the template knows"
            return Finding(resource, text, certain=False)
        return Finding(resource, _bill(row), certain=True)
    if row := TABLE["bills_always"].get(resource.type):
        return Finding(resource, _bill(row), certain=True)
    if resource.type in TABLE["bills_stored_bytes"] or resource.type in TABLE["bills_nothing"]:
        return None
    text = (
        "is of a type that tests/infra/idle_cost.json does not list, so nobody knows what it bills while idle. "
        "Look it up on the service's pricing page and add the type to the list that fits"
    )
    return Finding(resource, text, certain=False)


def _bill(row: Mapping[str, Any]) -> str:
    usd = row.get("usd_per_month") or row.get("example_usd_per_month")
    price = f"about ${usd:.2f} a month" if usd else "an amount that the table does not know"
    note = f" ({row['note'].rstrip('.')})" if "note" in row else ""
    return f"bills {price} while idle{note}. Remove it, or have the decision record name it with its price"


def _holds(when: Mapping[str, Any], resource: Resource, stack: Stack) -> bool | Unknown:
    """Decide a predicate; what is unknown stays unknown unless the other clauses decide without it."""
    for combination, settles in (("any", True), ("all", False)):
        if combination in when:
            decided = [_holds(clause, resource, stack) for clause in when[combination]]
            unknown = next((clause for clause in decided if isinstance(clause, Unknown)), None)
            return settles if settles in decided else unknown if unknown is not None else not settles
    operation, wanted = when["op"], when.get("value")
    if operation == "used_by_service":
        return True
    if operation == "referenced_by":
        return _is_referenced(resource, str(wanted), stack)
    found = list(_values(resource.properties, when["path"], stack))
    if operation in {"exists", "missing"}:
        return bool(found) is (operation == "exists")
    if not found and "default" in when:
        found = [when["default"]]
    answers = [_compare(operation, value, wanted, stack) for value in found]
    unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
    return True if True in answers else unknown if unknown is not None else operation in {"ne", "not_in"} and not found


def _compare(operation: str, value: Any, wanted: Any, stack: Stack) -> bool | Unknown:
    if isinstance(value, Unknown):
        return value
    if operation == "resolves_to":
        if isinstance(value, Reference) and value.logical_id in stack.resources:
            return bool(stack.resources[value.logical_id].type == wanted)
        return Unknown(f"{value} is not made by this template")
    if isinstance(value, Reference):
        return Unknown(f"{value.logical_id} is made by the deployment")
    if operation in {"gt", "ge", "lt"}:
        number = float(value)
        return bool({"gt": number > wanted, "ge": number >= wanted, "lt": number < wanted}[operation])
    if operation in {"in", "not_in"}:
        return (_text(value) in map(_text, wanted)) is (operation == "in")
    return (_text(value) == _text(wanted)) is (operation == "eq")


def _text(value: object) -> str:
    """Return a scalar as CloudFormation compares it: `true` and "true" are the same."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(node: Any, path: str, stack: Stack) -> Iterator[Any]:
    if followed := _FOLLOWED.fullmatch(path):
        for value in _values(node, followed["path"], stack):
            if isinstance(value, Reference) and value.logical_id in stack.resources:
                yield from _values(stack.resources[value.logical_id].properties, followed["rest"], stack)
            else:
                yield Unknown(f"{followed['path']} names something that this template does not make")
        return
    step, _, rest = path.partition(".")
    if isinstance(node, Unknown):
        yield node
        return
    value = node.get(step.removesuffix("[]"), ABSENT) if isinstance(node, dict) else ABSENT
    if value is ABSENT:
        return
    for item in value if step.endswith("[]") and isinstance(value, list) else [value]:
        if rest:
            yield from _values(item, rest, stack)
        else:
            yield item


def _is_referenced(resource: Resource, by: str, stack: Stack) -> bool:
    user_type, _, path = by.partition(".")
    return any(
        resource.logical_id in _referenced(user.properties.get(path, {}) if path else user.properties)
        for user in stack.of_type(user_type)
    )


def _referenced(value: Any) -> Iterator[str]:
    if isinstance(value, Reference):
        yield value.logical_id
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _referenced(item)
