"""Finds the templates, in the installed package or in a checkout, and the URL where they are published."""

from __future__ import annotations

import re
from pathlib import Path

from generator import __version__
from generator.errors import NewServiceError, RenderError
from generator.plan import TemplateSource
from generator.wording import shorten

__all__ = ["aws_clients", "find", "infrastructures", "offered", "root", "template_url", "templates"]

DISTRIBUTION = "new-service"

TRIGGERS = {
    "lambda": "templates/_partials/triggers",
    "fargate-task": "templates/_partials/fargate-task/triggers",
    "fargate-service": "templates/_partials/fargate-service/sources",
}
"""Where a tier that something starts or feeds has a folder for each event source."""

_PORTABLE = re.compile(
    r"(https|ssh)://([A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+(:[0-9]+)?/\S+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:\S+"
)
"""A git URL that works on every machine, and has no password in it."""


def find(*, url: str = "") -> TemplateSource:
    """Return the templates that belong to this version of the program.

    Args:
        url: Published place of the templates; by default the one that the package's metadata names.

    Raises:
        NewServiceError: The URL would not work elsewhere.
        RenderError: The installation has no templates.
    """
    if url and not (_PORTABLE.fullmatch(url) and url.isprintable()):
        raise NewServiceError(
            f"--template-url {shorten(url)}: no git URL that works on every machine",
            hint="write https://host/path.git or git@host:path.git, without a password",
        )
    return TemplateSource(root=root(), url=url or template_url(), ref=f"v{__version__}")


def root() -> Path:
    """Return the folder that holds `copier.yml` and `templates/`.

    Raises:
        RenderError: The installation has no templates.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_template", package.parent):
        if (folder / "copier.yml").is_file() and (folder / "templates").is_dir():
            return folder
    raise RenderError("this installation has no templates", hint="install new-service again")


def template_url() -> str:
    """Return the published place of the templates, from the metadata or the checkout's pyproject.toml."""
    from importlib import metadata

    try:
        urls = metadata.metadata(DISTRIBUTION).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return _url_of_checkout()
    for entry in urls:
        label, _, url = entry.partition(",")
        if label.strip() == "Template":
            return str(url.strip())
    raise RenderError("the package's metadata names no template URL", hint="pass --template-url")


def templates(root: Path) -> frozenset[str]:
    """Return the name of everything that can be rendered: `<tier>/<event source>`, or the tier alone.

    The folders are the list: `templates/<tier>`, and where something starts or feeds
    the tier, one for each source.
    """
    tiers = {tier.name for tier in _folders(root / "templates") if tier.name[:1] != "_"}
    started = {
        f"{tier}/{trigger.name}"
        for tier in tiers & TRIGGERS.keys()
        for trigger in _folders(root / TRIGGERS[tier])
    }
    return frozenset(tiers - TRIGGERS.keys() | started)


def infrastructures(root: Path, tier: str, event_source: str) -> tuple[str, ...]:
    """Return what can describe the infrastructure, the default first.

    On Lambda that is SAM, and the CDK where the folder has a stack; of all else the CDK.
    """
    if tier != "lambda":
        return ("cdk",)
    stack = root / TRIGGERS[tier] / event_source / "stack.py"
    return ("sam", "cdk") if stack.is_file() else ("sam",)


def aws_clients(root: Path, tier: str, event_source: str) -> tuple[str, ...]:
    """Return what can call AWS: boto3, and a lean client where a function's folder says what it may load."""
    if tier != "lambda":
        return ("boto3",)
    budget = root / TRIGGERS[tier] / event_source / "lean_module_budget.txt"
    return ("boto3", "lean") if budget.is_file() else ("boto3",)


def offered(root: Path, tier: str, event_source: str) -> dict[str, tuple[str, ...]]:
    """Return the answers that a tier has templates for with an event source, by the key of their question."""
    return {
        "iac": infrastructures(root, tier, event_source),
        "aws_client": aws_clients(root, tier, event_source),
    }


def _folders(folder: Path) -> list[Path]:
    """Return the folders in a folder that hold anything."""
    return [inner for inner in folder.glob("*/") if any(inner.iterdir())]


def _url_of_checkout() -> str:
    import tomllib

    project_file = Path(__file__).resolve().parent.parent / "pyproject.toml"
    project = tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Template"])
