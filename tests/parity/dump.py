"""Stands among a rendered repository's policy tests and writes down what they see: each stack, resolved."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.cloudformation import Reference, Stack, Unknown

if TYPE_CHECKING:
    import pytest


def test_dump(stack: Stack, request: pytest.FixtureRequest) -> None:
    resources = {
        resource.logical_id: {
            "Type": resource.type,
            "Properties": resource.properties,
            **{key: resource.attributes[key] for key in resource.attributes if key.endswith("Policy")},
        }
        for resource in stack.resources.values()
    }

    file = Path(os.environ["DUMP"]) / f"{request.node.callspec.id}.json"
    file.write_text(json.dumps(resources, default=plain), encoding="utf-8")


def plain(value: Any) -> Any:
    """Return a value that only the deployment knows as JSON, and of a text what is known of it."""
    if isinstance(value, Reference):
        return {"of": value.logical_id, "is": value.attribute}
    assert isinstance(value, Unknown)
    return value.text or "known at deployment"
