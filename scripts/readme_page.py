"""Puts real output into the README, and the command line's help into its reference page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator import source
from generator.event_source import SOURCED_TIERS, STARTED_TIERS, template_of

if TYPE_CHECKING:
    from generator.policy_model import Policy

__all__ = ["cli_page", "with_output"]

ROOT = Path(__file__).resolve().parent.parent
TOUR = re.compile(r"(<!-- tour: (new-service [^\n]+) -->\n).*?(<!-- tour: end -->)", re.DOTALL)
FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- figures: end -->)", re.DOTALL)
TEMPLATES = re.compile(r"(<!-- templates -->\n).*?(<!-- templates: end -->)", re.DOTALL)
INFRASTRUCTURE = {"sam": "AWS SAM", "cdk": "AWS CDK (Python)"}
COMMANDS = (
    *("", "interview", "create", "decide", "upgrade", "adopt", "audit", "justify"),
    *("policy", "policy show", "policy schema", "policy sync"),
)
DECIDED_ONLY = "not yet: decision, reasons and cost only"
COLUMNS = 88
"""Wide enough for a sentence, narrow enough for a page."""


def with_output(readme: str, rules: Policy) -> str:
    """Return the README with what its commands print, what is rendered, and the figures last measured."""
    readme = TEMPLATES.sub(lambda found: f"{found[1]}\n{_templates(rules)}\n\n{found[2]}", readme)
    figures = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    readme = FIGURES.sub(lambda found: f"{found[1]}\n{figures.strip()}\n\n{found[2]}", readme)
    return TOUR.sub(_with_output_of_tour, readme)


def cli_page() -> str:
    """Return the reference of the command line: the help of each command as it is printed."""
    parts = ["# The command line", "Made from the program by `make generate`."]
    for command in COMMANDS:
        name = f"new-service {command}".strip()
        printed, _ = _run(f"{name} --help")
        parts.append(f"## `{name}`\n\n```text\n{printed.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _templates(rules: Policy) -> str:
    """Return what is rendered, as a table: the tiers, and what starts or feeds them."""
    place = source.root()
    available = source.templates(place)
    rows = ["| tier | started by | rendered |", "|---|---|---|"]
    for tier in SOURCED_TIERS:
        for event_source in (one for one in rules.event_sources.values() if tier in one.tiers):
            infrastructures = source.infrastructures(place, tier, event_source.name)
            rendered = " or ".join(INFRASTRUCTURE[name] for name in infrastructures)
            if template_of(tier, event_source) not in available:
                reason = event_source.without_template
                if reason and tier != event_source.tiers[0]:
                    reason = f"The reason is the one above, under `{event_source.tiers[0]}`"
                rendered = ". ".join(filter(None, [DECIDED_ONLY, reason]))
            rows.append(f"| `{tier}` | {event_source.text} | {rendered} |")
        if tier not in STARTED_TIERS:
            rows.append(f"| `{tier}` | anything else | {DECIDED_ONLY} |")
    others = [
        f"| `{tier.name}` | | {'yes' if tier.name in available else DECIDED_ONLY} |"
        for tier in rules.tiers
        if tier.name not in SOURCED_TIERS
    ]
    return "\n".join([*rows, *others])


def _with_output_of_tour(found: re.Match[str]) -> str:
    command = found[2]
    printed, exit_code = _run(command)
    if exit_code:
        printed += f"$ echo $?\n{exit_code}\n"
    return f"{found[1]}\n```console\n$ {command}\n{printed}```\n\n{found[3]}"


def _run(command: str) -> tuple[str, int]:
    """Run a command in a folder that has only the examples; return what it prints and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        done = subprocess.run(
            [sys.executable, "-m", "generator", *shlex.split(command)[1:]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(COLUMNS), "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            text=True,
            encoding="utf-8",
        )
        printed = re.sub(r"[ \t]+$", "", done.stdout, flags=re.MULTILINE)
        return printed.replace(f"{Path(folder).resolve()}/", ""), done.returncode
