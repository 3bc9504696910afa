"""The command line of `audit`: its options and their help; the work is done in `command`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from generator.errors import NewServiceError

if TYPE_CHECKING:
    from generator.audit.fleet_command import FleetForm
    from generator.audit.judging import Reading

__all__ = ["audit", "justify"]


Targets = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH]...", help="Repository or template; several repositories are a fleet."),
]
Form = Annotated[
    Literal["text", "json", "sarif", "junit", "markdown", "html"],
    typer.Option("--format", help="Form of the report."),
]
Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write the report there.")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameters", metavar="NAME=VALUE", help="One template parameter; repeatable."),
]
Region = Annotated[
    str, typer.Option("--region", metavar="REGION", help="Taken where a template asks for its region.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings are violations too.")]
RequireJudged = Annotated[
    bool, typer.Option("--require-judged", help="What nobody can tell is a violation too.")
]
NoWaivers = Annotated[
    bool, typer.Option("--no-waivers", help="Let no recorded justification excuse anything.")
]
IdleBudget = Annotated[
    float | None,
    typer.Option("--idle-budget", metavar="USD", help="A larger idle bill a month is a violation."),
]
Baseline = Annotated[
    str, typer.Option("--baseline", metavar="FILE", help="Findings that are known; they do not fail.")
]
WriteBaseline = Annotated[
    str, typer.Option("--write-baseline", metavar="FILE", help="Write what is found as known.")
]
Since = Annotated[
    str,
    typer.Option("--since", metavar="FILE", help="An earlier report of the fleet as JSON, for the trend."),
]
Sarif = Annotated[str, typer.Option("--sarif", metavar="FILE", help="Write SARIF there besides the report.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Use no colour, as with NO_COLOR.")]

_ABOUT_ONE = frozenset({"sarif", "junit"})


def audit(  # noqa: PLR0913  each is an option
    paths: Targets = None,
    *,
    report_format: Form = "text",
    output: Output = "",
    parameters: Parameters = None,
    region: Region = "us-east-1",
    strict: Strict = False,
    require_judged: RequireJudged = False,
    no_waivers: NoWaivers = False,
    idle_budget: IdleBudget = None,
    baseline: Baseline = "",
    write_baseline: WriteBaseline = "",
    since: Since = "",
    sarif: Sarif = "",
    no_color: NoColor = False,
) -> int:
    """Judge what a repository declares by the policy, with its idle bill in dollars.

    Exit code 1: it breaks the policy. Exit code 2: nothing of it could be read.
    """
    from generator.audit import command
    from generator.audit.judging import Reading

    _check(idle_budget, no_color=no_color)
    reading = Reading(parameters=_assignments(parameters or ()), region=region, use_waivers=not no_waivers)
    if paths and len(paths) > 1:
        _refuse(
            bool(baseline or write_baseline or strict or require_judged or sarif)
            or report_format in _ABOUT_ONE
        )
        return _fleet(paths, reading, report_format, output, since, idle_budget)
    return command.audit(
        command.Wanted(
            path=paths[0] if paths else ".",
            reading=reading,
            form=report_format,
            output=output,
            sarif=sarif,
            idle_budget_usd=idle_budget,
            baseline=baseline,
            write_baseline=write_baseline,
            strict=strict,
            require_judged=require_judged,
        )
    )


def _fleet(  # noqa: PLR0913, PLR0917  each is an option
    paths: list[str], reading: Reading, form: FleetForm, output: str, since: str, budget: float | None
) -> int:
    from generator.audit import fleet_command

    return fleet_command.audit(
        fleet_command.Wanted(
            paths=paths, reading=reading, form=form, output=output, earlier=since, idle_budget_usd=budget
        )
    )


def _check(usd: float | None, *, no_color: bool) -> None:
    if no_color:
        os.environ["NO_COLOR"] = "1"
    if usd is not None and not 0 <= usd < float("inf"):
        raise NewServiceError(f"--idle-budget {usd}: no amount", hint="give dollars a month, as 25")


def _refuse(is_about_one: bool) -> None:  # noqa: FBT001  the one thing it is told
    """Refuse for a fleet what is about one repository."""
    if is_about_one:
        hint = "--format text, json, markdown and html, --since and --idle-budget go with several"
        raise NewServiceError("this option is about one repository", hint=hint)


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


def justify(  # noqa: PLR0913  each is a key of the entry
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="Root of a repository.")] = ".",
    *,
    name: Annotated[str, typer.Option("--id", metavar="NAME", help="What the entry is called.")] = "",
    rule: Annotated[list[str] | None, typer.Option("--rule", metavar="CODE", help="Repeatable.")] = None,
    resource: Annotated[
        list[str] | None, typer.Option("--resource", metavar="PATTERN", help="Repeatable.")
    ] = None,
    category: Annotated[str, typer.Option("--category", help="Of which kind the reason is.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why there is no other way.")] = "",
    alternative: Annotated[
        list[str] | None, typer.Option("--alternative", metavar="TIER", help="A tier considered; repeatable.")
    ] = None,
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")] = "",
    approved_by: Annotated[str, typer.Option("--approved-by", metavar="NAME", help="Who approved it.")] = "",
    expires: Annotated[
        str, typer.Option("--expires", metavar="DAY", help="By default as late as allowed.")
    ] = "",
    ticket: Annotated[str, typer.Option("--ticket", help="Where it is discussed.")] = "",
) -> int:
    """Record an exception that the audit excuses: who, why, and until when.

    In a terminal, what is not given is asked.
    """
    from generator import justify as recording

    given = {
        "id": name,
        "rules": ",".join(rule or ()),
        "resources": ",".join(resource or ()),
        "category": category,
        "reason": reason,
        "alternatives": ",".join(alternative or ()),
        "owner": owner,
        "approved_by": approved_by,
        "expires": expires,
        "ticket": ticket,
    }
    return recording.justify(path, {key: value for key, value in given.items() if value})
