"""One module for each language: it knows its documents and says what they would make, in one vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.audit.stack import Stack
    from generator.audit.values import Value

__all__ = ["INCLUDING", "NAMES", "Reader"]

NAMES = ("cloudformation", "terraform_plan", "serverless_framework", "copilot", "task_definition")
"""The modules, in the order in which they are asked."""

INCLUDING = frozenset({"serverless_framework"})
"""Those whose documents have variables, and include other files by them."""


class Reader(Protocol):
    """A module of this package."""

    @staticmethod
    def looks(name: str, content: bytes) -> bool:
        """Tell cheaply whether a file may be of this language."""
        ...

    @staticmethod
    def knows(name: str, document: Value) -> bool:
        """Tell whether a document is of this language."""
        ...

    @staticmethod
    def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:
        """Return what the document would make."""
        ...
