"""Expressions of Terraform: what follows from known values, and what stays unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.audit.readers.terraform_expressions import template
from generator.audit.values import Reference, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KNOWN: Mapping[str, Value] = {
    "var.on": Value(data=True),
    "var.size": Value("big"),
    "var.zones": Value([Value("a"), Value("b")]),
    "var.sizes": Value({"dev": Value("small"), "prod": Value("large")}),
    "var.nothing": Value(None),
    "var.open": Value(Unknown("variable open has no default")),
    "aws_lb.a": Value(Reference("aws_lb.a")),
    "aws_lb.b": Value(Reference("aws_lb.b")),
}


def meaning(parts: Sequence[str]) -> Value | None:
    return KNOWN.get(".".join(parts))


def plain(value: Value) -> object:
    if isinstance(value.data, list):
        return [plain(item) for item in value.data]
    return value.data


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${1 + 2 * 3 - 4 / 2}", 5),
        ("${(1 + 2) * -3}", -9),
        ("${7 % 4}", 3),
        ("${10 / 4}", 2.5),
        ('${var.on && var.size == "big" ? "yes" : "no"}', "yes"),
        ('${!var.on || var.size != "big" ? "yes" : "no"}', "no"),
        ("${var.on ? var.open : 1 > 2}", KNOWN["var.open"].data),
        ("${var.open == 1 ? 5 : 5}", 5),
        ("${var.on || var.open}", True),
        ("${false && var.open}", False),
        ("${1 == 1.0}", True),
        ('${1 == "1"}', False),
        ("${var.zones[1]}", "b"),
        ('${var.sizes["prod"]}', "large"),
        ("${var.sizes.dev}", "small"),
        ('${{ a = 1, "b/c" : 2 }["b/c"]}', 2),
        ("t3.${var.size}-${length(var.zones)}", "t3.big-2"),
        ('${"in ${var.size}: \\"x\\""}', 'in big: "x"'),
        ("$${var.size}", "${var.size}"),
        ('${lookup(var.sizes, "test", "tiny")}', "tiny"),
        ('${try(var.sizes.test, var.sizes["none"], "tiny")}', "tiny"),
        ('${coalesce(var.nothing, "", var.size)}', "big"),
        ('${concat(var.zones, ["c"])}', ["a", "b", "c"]),
        ('${contains(keys(var.sizes), "prod")}', True),
        ("${max(1, 3, 2) - min(4, 2)}", 1),
        ('${join("-", slice(var.zones, 0, 2))}', "a-b"),
        ("${element(var.zones, 3)}", "b"),
        ('${merge(var.sizes, { dev = "none" }).dev}', "none"),
        ('${distinct(flatten([var.zones, ["a"]]))}', ["a", "b"]),
        ('${tonumber("4") + ceil(0.2) + floor(1.7) + abs(-1)}', 7),
        ('${upper(replace("a-b", "-", "_"))}', "A_B"),
        ("${one([])}", None),
        ("${length(range(3))}", 3),
        ('${{ a = var.open } != null ? "there" : "absent"}', "there"),
        ("${[for one in var.zones : upper(one)]}", ["A", "B"]),
        ('${[for index, one in var.zones : "${index}${one}" if index > 0]}', ["1b"]),
        ('${{ for key, size in var.sizes : size => key if size != "small" }["large"]}', "prod"),
        ("${[for outer in [1, 2] : [for inner in [10] : outer + inner]][1]}", [12]),
        ("${[for one in [] : one.x]}", []),
        ("${length([for one in [var.open, 1] : one])}", 2),
        ("${keys({ for key, one in { a = var.open } : key => one })}", ["a"]),
    ],
)
def test_known_values_give_what_terraform_gives(written: str, value: object) -> None:
    assert plain(template(written, meaning, 7)) == value


@pytest.mark.parametrize(
    "written",
    [
        "${aws_lb.a.arn}",
        "${aws_lb.a[0].arn}",
        '${try(aws_lb.a[0].arn, "")}',
        '${element(concat(aws_lb.a.*.id, [""]), 0)}',
        '${join("", aws_lb.a[*].id)}',
        "arn/${aws_lb.a.name}/${var.size}",
        "${[for one in aws_lb.a : one.id]}",
        "${jsonencode({ x = aws_lb.a.arn })}",
        "${var.open ? aws_lb.a.id : null}",
    ],
)
def test_what_is_made_from_one_resource_refers_to_it(written: str) -> None:
    found = template(written, meaning, 7)

    assert isinstance(found.data, Reference)
    assert (found.data.logical_id, found.line) == ("aws_lb.a", 7)


@pytest.mark.parametrize(
    ("written", "made_from"),
    [
        ("service/${aws_lb.a.name}/${aws_lb.b.name}", ("aws_lb.a", "aws_lb.b")),
        ("${var.on ? var.open : 1}", ()),
        ("${var.open ? 0 : 1}", ()),
        ("${timestamp()}", ()),
        ("${var.open == null ? 0 : 1}", ()),
        ("${tonumber(var.size)}", ()),
        ("${var.zones[5]}", ()),
        ("${1 / 0}", ()),
        ('${replace("a", "/a/", "b")}', ()),
        ("${[for one in var.open : one]}", ()),
        ("${[for one in var.zones : one if var.open]}", ()),
        ("${{ for one in var.zones : one => one... }}", ()),
        ("${var.on ? 1}", ()),
        ("${", ()),
        ("%{ if var.on }a%{ endif }", ()),
    ],
)
def test_what_nobody_can_compute_is_unknown(written: str, made_from: tuple[str, ...]) -> None:
    found = template(written, meaning, 7)

    assert isinstance(found.data, Unknown)
    assert found.data.references == made_from
