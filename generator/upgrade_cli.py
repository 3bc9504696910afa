"""The command line of what is done to existing repositories: options, their help, and one call each."""

from __future__ import annotations

from typing import Annotated

import typer

from generator.options import Answers, Data, Defaults, Policies, ResultFormat, TemplateUrl

__all__ = ["adopt", "upgrade"]

Commit = Annotated[bool, typer.Option("--commit", help="Commit what merged without conflicts.")]
Branch = Annotated[str, typer.Option("--branch", metavar="NAME", help="Put it on a new branch.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the merge, change nothing.")]


def upgrade(  # noqa: PLR0913  each is an option
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]...", help="Projects; by default this folder.")
    ] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether an upgrade is due and the tier holds.")
    ] = False,
    dry_run: DryRun = False,
    data: Data = None,
    move: Annotated[
        bool, typer.Option("--move", help="Follow the policy to another tier without a changed answer.")
    ] = False,
    commit: Commit = False,
    branch: Branch = "",
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


def adopt(  # noqa: PLR0913  each is an option
    path: Annotated[str, typer.Argument(metavar="PATH", help="Repository that was not made by new-service.")],
    *,
    answers: Answers = "",
    data: Data = None,
    defaults: Defaults = False,
    dry_run: DryRun = False,
    commit: Commit = False,
    branch: Branch = "",
    policy: Policies = None,
    template_url: TemplateUrl = "",
    result_format: ResultFormat = "text",
) -> int:
    """Give a repository the parts of a service that it lacks.

    No file is overwritten. Exit code 1: files that both have are left open, for you to compare.
    """
    from generator import commands, upgrade_commands

    given = commands.Given(
        answers_file=answers,
        assignments=tuple(data or ()),
        policies=tuple(policy or ()),
        take_defaults=defaults,
    )
    wanted = upgrade_commands.Adopting(
        path=path,
        dry_run=dry_run,
        commits=commit,
        branch=branch,
        template_url=template_url,
        as_json=result_format == "json",
    )
    return upgrade_commands.adopt(given, wanted)
