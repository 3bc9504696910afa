"""The command line of what is done to existing repositories: options, their help, and one call each."""

from __future__ import annotations

from typing import Annotated

import typer

from generator.options import Data, Policies, ResultFormat

__all__ = ["upgrade"]


def upgrade(  # noqa: PLR0913  each is an option
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]...", help="Projects; by default this folder.")
    ] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether an upgrade is due and the tier holds.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the merge, change nothing.")] = False,
    data: Data = None,
    move: Annotated[
        bool, typer.Option("--move", help="Follow the policy to another tier without a changed answer.")
    ] = False,
    commit: Annotated[bool, typer.Option("--commit", help="Commit what merged without conflicts.")] = False,
    branch: Annotated[str, typer.Option("--branch", metavar="NAME", help="Put it on a new branch.")] = "",
    policy: Policies = None,
    template_url: Annotated[
        str, typer.Option("--template-url", metavar="URL", help="Another place of these templates to trust.")
    ] = "",
    result_format: ResultFormat = "text",
) -> int:
    """Merge newer templates, or another tier, into projects.

    Exit code 1: there are conflicts, the tier no longer holds, or with --check an upgrade is due.
    """
    from generator import commands, upgrade_commands
    from generator.upgrade.deciding import Wish
    from generator.upgrade.one import Order

    order = Order(
        wish=Wish(assignments=tuple(data or ()), moves=move),
        only_check=check,
        dry_run=dry_run,
        commits=commit,
        branch=branch,
        template_url=template_url,
    )
    given = commands.Given(policies=tuple(policy or ()))
    return upgrade_commands.upgrade(tuple(paths or (".",)), order, given, as_json=result_format == "json")
