"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

__all__ = [
    "Answers",
    "Data",
    "DecisionFormat",
    "Defaults",
    "Dest",
    "DryRun",
    "Expert",
    "NoColor",
    "NoGit",
    "Policies",
    "ResultFormat",
    "TemplateUrl",
]

Dest = Annotated[str, typer.Argument(metavar="DEST", help="Folder to create; missing or empty.")]
Answers = Annotated[
    str,
    typer.Option(
        "--answers", "-a", metavar="FILE", help="Answers in YAML, JSON or TOML; - is standard input."
    ),
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        "-d",
        metavar="KEY=VALUE",
        help="One answer; repeatable, wins over the file. KEY= takes one about the workload back.",
    ),
]
Policies = Annotated[
    list[str] | None,
    typer.Option("--policy", metavar="FILE", help="Policy to lay over the built-in one; repeatable."),
]
Defaults = Annotated[bool, typer.Option("--defaults", help="Take the default of what is not answered.")]
Expert = Annotated[bool, typer.Option("--expert", help="Ask the rarely needed questions too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the decision and the files, write nothing.")]
NoGit = Annotated[bool, typer.Option("--no-git", help="Only the files: no lock, no repository, no commit.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Use no colour, as with NO_COLOR.")]
TemplateUrl = Annotated[
    str, typer.Option("--template-url", metavar="URL", help="Git URL to record as the place of the template.")
]
ResultFormat = Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the result.")]
DecisionFormat = Annotated[
    Literal["text", "json", "markdown"], typer.Option("--format", help="Form of the decision.")
]
