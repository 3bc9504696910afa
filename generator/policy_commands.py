"""What `policy show` and `policy schema` do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from generator import policy, reference, terminal

__all__ = ["schema", "show"]


def show(layers: tuple[str, ...], *, form: Literal["text", "json", "markdown"]) -> int:
    """Print the policy with its layers."""
    rules = policy.load(*(Path(layer) for layer in layers))
    if form == "json":
        terminal.data(json.dumps(reference.policy_as_json(rules), indent=2, ensure_ascii=False))
    else:
        terminal.data(
            reference.policy_markdown(rules) if form == "markdown" else reference.policy_text(rules)
        )
    return 0


def schema(layers: tuple[str, ...], *, as_json: bool) -> int:
    """Print every answer that a file or an interview can give."""
    rules = policy.load(*(Path(layer) for layer in layers))
    if as_json:
        terminal.data(json.dumps(reference.json_schema(rules), indent=2, ensure_ascii=False))
    else:
        terminal.data(reference.answers_text(rules))
    return 0
