"""Optional attributes of Terraform's variables: their default where they are left out, else null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.audit.readers.terraform_expressions import template
from generator.audit.readers.terraform_types import completed

if TYPE_CHECKING:
    from generator.audit.values import Value


def literal(written: str) -> Value:
    return template(f"${{{written}}}", lambda _: None, 0)


def plain(value: Value) -> object:
    if isinstance(value.data, dict):
        return {name: plain(inner) for name, inner in value.data.items()}
    return [plain(inner) for inner in value.data] if isinstance(value.data, list) else value.data


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("number", "3", 3),
        ("any", "{}", {}),
        ("object({ a = optional(string) })", "{}", {"a": None}),
        ("object({ a = optional(number, 3), b = bool })", "{ b = true }", {"a": 3, "b": True}),
        ("object({ a = optional(number, 3) })", "{ a = null }", {"a": 3}),
        ("object({ a = optional(number, 3) })", "{ a = 4 }", {"a": 4}),
        ('map(object({ a = optional(list(string), ["x)", "y"]) }))', "{ k = {} }", {"k": {"a": ["x)", "y"]}}),
        (
            "list(object({ a = optional(object({ b = optional(number, 1) }), {}) }))",
            "[{}]",
            [{"a": {"b": 1}}],
        ),
        (
            "object({\n  a = optional(number)\n  b = tuple([string, number])\n})",
            "{ b = [] }",
            {"b": [], "a": None},
        ),
        ("object({ a = optional(number", "{}", {}),
    ],
)
def test_optional_attributes_are_completed(kind: str, given: str, value: object) -> None:
    assert plain(completed(literal(given), f"${{{kind}}}", literal)) == value
