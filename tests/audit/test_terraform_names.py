"""The audit's names of the AWS provider of Terraform are those of the provider, and lack nothing."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY

from generator import prices
from generator.audit.catalogue import load_rules
from generator.audit.readers.terraform import dictionary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LISTS = ("free", "without_name", "without_attribute")
FOLLOWED = re.compile(r"ref\((?P<path>[^)]+)\)->(?P<type>[A-Za-z0-9:]+)\.(?P<rest>.+)")


@cache
def provider() -> Mapping[str, Any]:
    """Return the types and attributes of the provider, as its schema has them."""
    path = REPOSITORY / "tests" / "schemas" / "terraform-provider-aws.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def rows() -> dict[str, Any]:
    return {name: row for name, row in dictionary().items() if name not in LISTS}


def made() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield each resource of the dictionary, a CloudFormation type that it makes, and its property paths."""
    for name, row in rows().items():
        paths = frozenset(row.get("attributes", {}).values())
        for kind in {row["type"], *row.get("types", {}).values()}:
            yield name, kind, paths
        for part in row.get("also", ()):
            yield name, part["type"], frozenset({*part.get("attributes", {}).values(), part["owner"]})


def clauses(when: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    inner = when.get("any") or when.get("all")
    for clause in inner or ():
        yield from clauses(clause)
    if not inner:
        yield when


def read_paths() -> Iterator[tuple[str, str]]:
    """Yield each type that may bill while idle, with the property paths that decide it or its price."""
    for kind, row in prices.load().idle.items():
        paths = [clause["path"] for clause in clauses(row.when)] if row.when else []
        for variable in row.variables.values():
            several = variable.get("path", ())
            paths += [several] if isinstance(several, str) else several
        for path in paths if row.kind not in {"none", "storage"} else ():
            followed = FOLLOWED.fullmatch(path)
            yield kind, (followed["path"] if followed else path).replace("[]", "")
            if followed:
                yield followed["type"], followed["rest"].replace("[]", "")


@pytest.mark.parametrize("name", sorted(rows()))
def test_type_and_its_attributes_are_the_providers(name: str) -> None:
    row = rows()[name]
    named = [*row.get("attributes", {}), *([row["by"]] if "by" in row else [])]
    for part in row.get("also", ()):
        named += [part["attribute"], *part.get("attributes", {})]

    assert name in provider()["types"]
    for attribute in named:
        known = provider()["attributes"][name]
        for step in attribute.split("."):
            assert step in (known or {}), f"{name} has no {attribute}"
            known = known[step]


def test_members_of_lists_are_the_providers() -> None:
    for name, row in rows().items():
        blocks = [
            provider()["attributes"][name][block] or {}
            for block in row.get("attributes", {})
            if "." not in block
        ]
        assert all(any(member in block for block in blocks) for member in row.get("members", {}))


def test_free_types_are_the_providers_and_stand_once() -> None:
    free = dictionary()["free"]["types"]

    assert sorted(free) == sorted(set(free))
    assert set(free) <= set(provider()["types"])
    assert not set(free) & set(rows())


def test_every_type_with_a_price_or_a_rule_has_a_name_or_a_reason() -> None:
    priced = {kind for kind, row in prices.load().idle.items() if row.kind not in {"none", "storage"}}
    judged = {kind for rule in load_rules().values() for kind in rule.types}
    has_name = {kind for _, kind, _ in made()}
    reasons = dictionary()["without_name"]

    assert (priced | judged) - has_name - set(reasons) == set()
    assert set(reasons) & has_name == set()
    assert set(reasons) <= priced | judged
    assert all(reasons.values())


def test_every_property_that_decides_has_an_attribute_or_a_reason() -> None:
    lacking = {
        f"{name} {path}"
        for kind, path in read_paths()
        for name, of_kind, paths in made()
        if of_kind == kind and not any(f"{path}.".startswith(f"{one.replace('[]', '')}.") for one in paths)
    }

    assert lacking == set(dictionary()["without_attribute"])
