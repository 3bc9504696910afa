"""Loads YAML that strangers wrote: text, whole numbers, yes, no, null, lists and mappings.

No aliases, no tags, no repeated keys.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from generator.errors import AnswersFileError
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["load", "load_stored"]

# YAML 1.1 reads 15:00 as 900, 017 as 15 and 3.10 as 3.1. Only whole numbers as people write them are numbers
# here; other numbers and dates stay text, which the question that they answer reads strictly.
_WHOLE_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,2}(?:_[0-9]{3}){1,6}|[1-9][0-9]{0,17})$")
_RESOLVED_TAGS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")


class _PlainLoader(yaml.SafeLoader):
    """The safe loader without aliases, tags, numbers and repeated keys."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _RESOLVED_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs lack it
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("aliases have no place in answers", event)
        if getattr(event, "tag", None) not in {None, "!"}:
            raise _refusal("tags have no place in answers", event)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002
        first_lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal("a key is plain text", key)
            if key.value in first_lines:
                problem = f"key `{shorten(key.value)}` is given twice, first on line {first_lines[key.value]}"
                raise _refusal(problem, key)
            first_lines[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep=deep)


def _refusal(problem: str, place: Any) -> yaml.MarkedYAMLError:  # noqa: ANN401  events and nodes share no type
    return yaml.MarkedYAMLError(problem=problem, problem_mark=place.start_mark)


_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", _WHOLE_NUMBER, list("-+0123456789"))


def load(text: str, name: str) -> object:
    """Load one YAML document.

    Args:
        text: The document.
        name: What a message calls it.

    Raises:
        AnswersFileError: It is not YAML, or uses more of YAML than answers need; names the line.
    """
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506  it is a safe loader with less
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise AnswersFileError(f"{name}: {place}not usable YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise AnswersFileError(f"{name}: not usable YAML: {str(error).partition(chr(10))[0]}") from error
    except RecursionError as error:
        raise AnswersFileError(f"{name}: not usable YAML: nested too deeply") from error


def load_stored(text: str) -> dict[str, object]:
    """Load a mapping that Copier wrote as Copier does: 0.3 is a number, and so is what it makes of it.

    Args:
        text: A document that `load` took for a mapping.
    """
    loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe
    return loaded if isinstance(loaded, dict) else {}
