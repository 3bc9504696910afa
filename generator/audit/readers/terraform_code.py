"""Terraform as it is written, in HCL, where the extra `hcl` is installed: a module before it is planned.

Variables at their defaults or in the files that Terraform reads by itself, locals, conditions and modules of
the same repository are followed; what only a plan knows is unknown, and modules from elsewhere are out of
reach. The plan as JSON says more, and is preferred.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from generator.audit.readers.terraform_blocks import called
from generator.audit.stack import Stack
from generator.audit.values import Origin, Value

if TYPE_CHECKING:
    from generator.audit.discovery import Template

__all__ = ["MARK", "deploy", "document_of", "is_code", "is_read", "joined", "knows", "looks"]

CODE = (".tf", ".tf.json")
VALUES = (".auto.tfvars", "terraform.tfvars")
MARK = "terraform_code"
MODULES = "terraform_modules"
MOST_CHARACTERS = 200_000
"""Its parser is written in Python, and takes some seconds for as much."""

_META = re.compile(r"__\w+__")
# Terraform lets blanks stand behind the word that ends a text of several lines, and the parser does not.
_ENDED = re.compile(r"(?<=\w)[ \t]+$", re.MULTILINE)
# What of the parser's tree has a name, what a name is, and what is on the way to it.
_NAMED = frozenset({"attribute", "block", "object_elem"})
_NAMES = frozenset({"identifier", "keyword", "literal_value", "object_elem_key", "string"})
_NESTING = frozenset({"body", "expr_term", "object", "tuple"})


def is_code(name: str) -> bool:
    """Tell whether a file of a folder is one that Terraform reads as a module's code."""
    return name.endswith(CODE)


def is_read(name: str) -> bool:
    """Tell whether Terraform reads a file of a folder by itself: code, or values of variables."""
    return is_code(name) or name.endswith(VALUES)


def looks(name: str, content: bytes) -> bool:  # noqa: ARG001  a folder is read at once, not a file
    """Tell that no single file is of this language: a module is a folder."""
    return False


def knows(name: str, document: Value) -> bool:  # noqa: ARG001
    """Tell whether a document is what `document_of` makes."""
    return document.member(MARK) is not None


def document_of(texts: Mapping[str, str]) -> Value:
    """Return the files of one folder, by their path, as one document.

    Raises:
        ImportError: The extra is not installed.
        ValueError: One of them is no HCL; the message says where.
    """
    import hcl2
    from hcl2.utils import SerializationOptions

    if sum(map(len, texts.values())) > MOST_CHARACTERS:
        raise ValueError(f"the module is longer than {MOST_CHARACTERS:,} characters")

    options = SerializationOptions(with_comments=False, strip_string_quotes=True)
    files: dict[str, Value] = {}
    for path, one in texts.items():
        try:
            if path.endswith(".json"):
                files[path] = _value(json.loads(one), 1, {}, ())
                continue
            tree = hcl2.parses_to_tree(_ENDED.sub("", one))
            read = hcl2.serialize(hcl2.transform(tree), serialization_options=options)
            files[path] = _value(read, 1, _lines(tree), ())
        except Exception as error:  # its parser has no base class of its own
            raise ValueError(f"{path}: {str(error).partition(chr(10))[0]}") from error
    return Value({MARK: Value(files, 1)}, 1)


def _lines(tree: Any) -> Mapping[tuple[str, ...], int]:  # noqa: ANN401  the parser's own
    """Return where what the names on the way lead to begins; of several, the first."""
    found: dict[tuple[str, ...], int] = {}
    for path, line in _named(tree, ()):
        found.setdefault(path, line)
    return found


def _named(tree: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:  # noqa: ANN401
    for part in tree.children:
        kind = getattr(part, "data", "")
        if kind in _NAMED:
            names = takewhile(lambda one: getattr(one, "data", "") in _NAMES, part.children)
            path = (*above, *map(_word, names))
            yield path, part.meta.line
            yield from _named(part, path)
        elif kind in _NESTING:
            yield from _named(part, above)


def _word(name: Any) -> str:  # noqa: ANN401
    return "".join(name.scan_values(lambda token: token.type != "DBLQUOTE"))


def _value(data: object, line: int, lines: Mapping[tuple[str, ...], int], above: tuple[str, ...]) -> Value:
    """Return parsed HCL as values, each with the line where it begins, or what it is in."""
    if isinstance(data, dict):
        made = {}
        for name, inner in data.items():
            if not _META.fullmatch(str(name)):
                path = (*above, str(name))
                made[str(name)] = _value(inner, lines.get(path, line), lines, path)
        return Value(made, line)
    if isinstance(data, list):
        return Value([_value(inner, line, lines, above) for inner in data], line)
    return Value(data if isinstance(data, str | int | float | bool) else None, line)


def joined(templates: Sequence[Template]) -> list[Template]:
    """Return templates with the modules of the repository put into what calls them, and not beside it."""
    folders = {dirname(one.file): one.document for one in templates if one.reader == MARK}
    calls = {
        folder: set(called(folder, _files(document))) & set(folders) for folder, document in folders.items()
    }
    inner = set().union(*(found - {folder} for folder, found in calls.items())) if calls else set()
    shared = Value({folder: document.member(MARK) or Value({}) for folder, document in folders.items()})
    return [
        replace(one, document=Value({MARK: one.document.member(MARK) or Value({}), MODULES: shared}))
        if one.reader == MARK
        else one
        for one in templates
        if one.reader != MARK or dirname(one.file) not in inner
    ]


def _files(document: Value) -> Mapping[str, Value]:
    found = document.member(MARK)
    return found.data if found is not None and isinstance(found.data, Mapping) else {}


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:  # noqa: ARG001
    """Return what the module would make with its variables at their defaults, or as given."""
    # Most repositories have no Terraform, and every audit looks for some.
    from generator.audit.readers.terraform import linked
    from generator.audit.readers.terraform_module import Module

    modules = document.member(MODULES)
    folders = modules.data if modules is not None and isinstance(modules.data, Mapping) else {}
    files = _files(document)
    given = {
        name: value.found_by(Origin("given", f"variable {name}, {path.rpartition('/')[2]}"))
        for path, content in files.items()
        if path.endswith(VALUES) and isinstance(content.data, Mapping)
        for name, value in content.data.items()
    }
    given |= {
        name: Value(value, 0, (Origin("given", f"variable {name}, given"),))
        for name, value in parameters.items()
    }
    root = Module(
        folder=dirname(file),
        files={path: content for path, content in files.items() if not path.endswith(VALUES)},
        given=given,
        folders={folder: one.data for folder, one in folders.items() if isinstance(one.data, Mapping)},
    )
    found = linked({made.logical_id: made for made in root.resources()})
    return Stack(file=file, resources=found, notes=tuple(root.unreached()))
