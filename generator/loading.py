"""Loads YAML, JSON or TOML that strangers wrote as plain data; every key once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from generator.errors import AnswersFileError
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load"]

TOML_LINE = re.compile(r"^\s*(\[[\w.\"'-]+\]|[\w\"'-]+\s*=)", re.MULTILINE)


def load(text: str, source: str, name: str) -> object:
    """Load text whose format its suffix tells, or else its content.

    Args:
        text: The content.
        source: Path that it came from, for its suffix.
        name: What a message calls it.

    Raises:
        AnswersFileError: It is not of its format; names the line where that is known.
    """
    return _loader_for(source, text)(text, name)


def _loader_for(source: str, text: str) -> Callable[[str, str], object]:
    suffix = source.lower().rpartition(".")[2]
    if suffix == "json":
        return _load_json
    if suffix == "toml":
        return _load_toml
    if suffix in {"yml", "yaml"}:
        return _load_yaml
    if text.lstrip().startswith("{"):
        return _load_json
    return _load_toml if TOML_LINE.search(text) else _load_yaml


def _load_json(text: str, name: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_distinct_pairs)
    except json.JSONDecodeError as error:
        raise AnswersFileError(f"{name}: line {error.lineno}: not JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise AnswersFileError(f"{name}: not usable JSON: {_first_line(error)}") from error


def _distinct_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"key `{shorten(twice)}` is given twice")
    return keys


def _load_toml(text: str, name: str) -> object:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnswersFileError(f"{name}: not usable TOML: {_first_line(error)}") from error


def _load_yaml(text: str, name: str) -> object:
    from generator import yamlfile

    return yamlfile.load(text, name)


def _first_line(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error).partition("\n")[0]
