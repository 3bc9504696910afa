"""The command line of `policy`: its options and their help; the work is done elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from generator.options import DecisionFormat, Policies, ResultFormat

__all__ = ["policy_app", "policy_schema", "policy_show", "policy_sync"]

policy_app = typer.Typer(
    name="policy",
    help="Print the policy and its answers, or write it for agents.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@policy_app.command("show")
def policy_show(*, policy: Policies = None, decision_format: DecisionFormat = "text") -> int:
    """Print the tiers, the limits and where each number comes from."""
    from generator import policy_commands

    return policy_commands.show(tuple(policy or ()), form=decision_format)


@policy_app.command("schema")
def policy_schema(*, policy: Policies = None, result_format: ResultFormat = "text") -> int:
    """Print every answer: its key, type, choices and default; as JSON it is a JSON Schema."""
    from generator import policy_commands

    return policy_commands.schema(tuple(policy or ()), as_json=result_format == "json")


@policy_app.command("sync")
def policy_sync(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="Root of a repository.")] = ".",
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 when it is due.")
    ] = False,
) -> int:
    """Write the policy into the files that coding agents read, between its markers."""
    from generator import policy_sync

    return policy_sync.sync(path, check=check)
