"""The command line of `audit`: its options and their help; the work is done in `command`."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

from generator.errors import NewServiceError

__all__ = ["audit"]


def audit(  # noqa: PLR0913  each is an option
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="Repository, or one template.")] = ".",
    *,
    report_format: Annotated[
        Literal["text", "json", "sarif", "junit", "markdown"],
        typer.Option("--format", help="Form of the report."),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write the report there.")
    ] = "",
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameters", metavar="NAME=VALUE", help="One template parameter; repeatable."),
    ] = None,
    region: Annotated[
        str, typer.Option("--region", metavar="REGION", help="Taken where a template asks for its region.")
    ] = "us-east-1",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are violations too.")] = False,
    require_judged: Annotated[
        bool, typer.Option("--require-judged", help="What nobody can tell is a violation too.")
    ] = False,
    no_waivers: Annotated[
        bool, typer.Option("--no-waivers", help="Let no recorded justification excuse anything.")
    ] = False,
    idle_budget: Annotated[
        float | None,
        typer.Option("--idle-budget", metavar="USD", help="A larger idle bill a month is a violation."),
    ] = None,
    baseline: Annotated[
        str, typer.Option("--baseline", metavar="FILE", help="Findings that are known; they do not fail.")
    ] = "",
    write_baseline: Annotated[
        str, typer.Option("--write-baseline", metavar="FILE", help="Write what is found as known.")
    ] = "",
    no_color: Annotated[bool, typer.Option("--no-color", help="Use no colour, as with NO_COLOR.")] = False,
) -> int:
    """Judge what a repository declares by the policy, with its idle bill in dollars.

    Exit code 1: it breaks the policy. Exit code 2: nothing of it could be read.
    """
    from generator.audit import command

    if no_color:
        os.environ["NO_COLOR"] = "1"
    if idle_budget is not None and not 0 <= idle_budget < float("inf"):
        raise NewServiceError(f"--idle-budget {idle_budget}: no amount", hint="give dollars a month, as 25")
    return command.audit(
        command.Wanted(
            path=path,
            form=report_format,
            parameters=_assignments(parameters or ()),
            region=region,
            output=output,
            idle_budget_usd=idle_budget,
            baseline=baseline,
            write_baseline=write_baseline,
            strict=strict,
            require_judged=require_judged,
            use_waivers=not no_waivers,
        )
    )


def _assignments(words: list[str] | tuple[()]) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise NewServiceError(
                f"--parameters {word}: no NAME=VALUE", hint="write --parameters Environment=prod"
            )
        found[name] = value
    return found
