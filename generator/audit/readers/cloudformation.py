"""CloudFormation and SAM, as YAML or JSON, by hand or from `cdk synth`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.audit.stack import Stack
from generator.audit.stack import deploy as deploy_template
from generator.audit.template import is_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.audit.values import Value

__all__ = ["deploy", "knows", "looks"]

_RESOURCES = re.compile(rb"Resources[\"']?\s*:")


def looks(name: str, content: bytes) -> bool:  # noqa: ARG001  a template may have any name
    """Tell whether a file has resources of AWS."""
    return b"AWS::" in content and _RESOURCES.search(content) is not None


def knows(name: str, document: Value) -> bool:  # noqa: ARG001
    """Tell whether a document is a template."""
    return is_template(document)


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:
    """Return what a template would make with these parameters."""
    return deploy_template(document, file, parameters, region)
