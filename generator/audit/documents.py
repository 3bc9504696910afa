"""Reads YAML and JSON that strangers wrote into values with lines.

No code of theirs runs, and nothing grows without bound.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator.audit.values import DEEPEST, MOST_VALUES, Data, Scalar, Value

__all__ = ["DocumentError", "read", "read_json"]

# What the parser itself, written in C, is given at most; brackets in text count here too.
DEEPEST_TEXT = 1_000

# The short forms of CloudFormation; `!GetAtt a.b` is a list of both.
_SHORT = {"!Ref": "Ref", "!Condition": "Condition"}
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INDENT = re.compile(r"^[ \-?\t]*", re.MULTILINE)


class DocumentError(Exception):
    """A file is no document that can be read.

    Attributes:
        line: Where, counted from one; zero when no line is to blame.
        problem: What is wrong, without a final full stop.
    """

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


@dataclass(slots=True)
class _Reader:
    """Turns the nodes of one document into values."""

    made: int = 0
    depth: int = 0
    repeated: list[tuple[int, str]] = field(default_factory=list)

    def value(self, node: yaml.Node, line: int = 0) -> Value:
        """Return a node as a value; a member of a mapping stands on the line of its key."""
        self.made += 1
        line = line or node.start_mark.line + 1
        if self.made > MOST_VALUES:
            raise DocumentError(
                f"it has more than {MOST_VALUES:,} values, counting what its aliases repeat", line
            )
        if self.depth > DEEPEST:
            raise DocumentError(f"it is nested more than {DEEPEST} deep", line)
        self.depth += 1
        tag = str(node.tag)
        is_short_form = tag[0] == "!" and len(tag) > 1
        made = Value(self._tagged(tag, node, line) if is_short_form else self._plain(node), line)
        self.depth -= 1
        return made

    def _plain(self, node: yaml.Node) -> Data:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        return self._mapping(node)

    def _mapping(self, node: yaml.Node) -> Mapping[str, Value]:
        found: dict[str, Value] = {}
        for key, item in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name == "<<" and not isinstance(item, yaml.ScalarNode):
                merged = self.value(item)
                for one in reversed(merged.items()):
                    if isinstance(one.data, Mapping):
                        found = {**one.data, **found}
                continue
            if name in found:
                self.repeated.append((key.start_mark.line + 1, name))
            found[name] = self.value(item, key.start_mark.line + 1)
        return found

    def _tagged(self, tag: str, node: yaml.Node, line: int) -> Data:
        """Return `!Sub x` as the long form `{"Fn::Sub": x}`."""
        function = _SHORT.get(tag, f"Fn::{tag[1:]}")
        argument = self._plain(node)
        if function == "Fn::GetAtt" and isinstance(argument, str):
            resource, _, attribute = argument.partition(".")
            argument = [Value(resource, line), Value(attribute, line)]
        return {function: Value(argument, line)}


def _scalar(node: yaml.ScalarNode) -> Scalar:
    kind = str(node.tag).rpartition(":")[2]
    written = str(node.value)
    if kind == "bool":
        return _BOOLEANS[written.lower()]
    if kind == "null":
        return None
    if kind in {"int", "float"} and not node.style:
        return _number(written)
    return written


def _number(written: str) -> Scalar:
    """Return a number as JSON writes it; octal, sexagesimal and other surprises of YAML 1.1 stay text."""
    if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,17})", written):
        return int(written)
    is_fraction = re.fullmatch(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?", written)
    return float(written) if is_fraction else written


def read(text: str) -> tuple[list[Value], list[tuple[int, str]]]:
    """Read every document of a YAML or JSON text.

    Returns:
        The documents, and the line and name of each key that a mapping has twice (the last one counts).

    Raises:
        DocumentError: It is neither, or it is built to exhaust who reads it.
    """
    _refuse_depth(text)
    reader = _Reader()
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=loader) if node is not None]
        return [reader.value(node) for node in nodes], reader.repeated
    except yaml.YAMLError as error:
        if text.lstrip()[:1] in {"{", "["}:
            return [read_json(text)], []
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise DocumentError(str(problem), mark.line + 1 if mark else 0) from error
    except (RecursionError, ValueError) as error:
        raise DocumentError(
            "it is nested too deeply, or holds a character that YAML does not know"
        ) from error


def read_json(text: str) -> Value:
    """Read JSON that YAML cannot, as with tabs; its values have no lines.

    Raises:
        DocumentError: It is no JSON.
    """
    _refuse_depth(text)
    try:
        return _without_lines(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"no JSON: {error}", getattr(error, "lineno", 0)) from error


def _without_lines(item: object) -> Value:
    if isinstance(item, dict):
        return Value({str(key): _without_lines(inner) for key, inner in item.items()})
    if isinstance(item, list):
        return Value([_without_lines(inner) for inner in item])
    return Value(item if isinstance(item, str | int | float | bool) else None)


def _refuse_depth(text: str) -> None:
    """Refuse what would nest the parser without bound; it is written in C and would not stop.

    Raises:
        DocumentError: The text is deeper than any template is.
    """
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST_TEXT:
            raise DocumentError(
                f"it is nested more than {DEEPEST_TEXT:,} deep", text.count("\n", 0, bracket.start()) + 1
            )
        depth = max(depth, 0)
    for indent in _INDENT.finditer(text):
        if len(indent[0]) > DEEPEST_TEXT:
            raise DocumentError(
                f"it is nested more than {DEEPEST_TEXT:,} deep", text.count("\n", 0, indent.start()) + 1
            )
