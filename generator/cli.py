"""The command line: options, their help, and one call each; the work is done in `commands`."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer._click.exceptions import ClickException  # no public name leads to all wrong usage
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from generator import upgrade_cli
from generator.audit.cli import audit, justify
from generator.errors import NewServiceError
from generator.options import (
    Answers,
    Data,
    DecisionFormat,
    Defaults,
    Dest,
    DryRun,
    Expert,
    NoColor,
    NoGit,
    Policies,
    ResultFormat,
    TemplateUrl,
)
from generator.policy_cli import policy_app
from generator.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator import commands

__all__ = ["app", "create", "decide", "interview", "run"]

INTERVIEW = "interview"
"""The command that `new-service [DEST]` stands for."""


class _Program(TyperGroup):
    """Takes a first word that is no command as the folder to create, unless it looks like a slip of one.

    It builds the command that is called and no other, since Typer takes longer to read the options of all
    than most take to run.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  typer's context is not public
        first = args[0] if args else ""
        own = {"-h", "--help", *(option for parameter in self.params for option in parameter.opts)}
        completing_first_word = ctx.resilient_parsing and not args
        if first not in own and first not in COMMANDS and not completing_first_word:
            close = nearest(first, COMMANDS) if first.isalpha() else ""
            if close:
                ctx.fail(f"no command {first!r}, did you mean {close!r}? A folder is written ./{first}")
            args = [INTERVIEW, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        called = COMMANDS.get(cmd_name)
        if called is None or isinstance(called, typer.Typer):
            return called and get_command(called)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        alone.command(cmd_name)(called)
        return get_command(alone)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        listed = [TyperCommand(name, help=_help_of(called)) for name, called in COMMANDS.items()]
        TyperGroup(commands=listed).format_commands(ctx, formatter)


def _help_of(called: Callable[..., int] | typer.Typer) -> str:
    told = called.info.help if isinstance(called, typer.Typer) else called.__doc__
    return inspect.cleandoc(told or "")


app = typer.Typer(
    cls=_Program,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[DEST] | COMMAND ...",
    help="""Start an AWS backend service on the right compute: serverless first, decided by rule.

    `new-service [DEST]` is short for `new-service interview [DEST]`.""",
)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        NewServiceError: The words make no command, or the command cannot do its work.
    """
    try:
        return int(app(list(arguments), prog_name="new-service", standalone_mode=False) or 0)
    except ClickException as error:
        path = getattr(getattr(error, "ctx", None), "command_path", "new-service")
        message = error.format_message().rstrip(".")
        raise NewServiceError(message, hint=f"`{path} --help` shows what it takes") from error


def _show_version(wanted: bool) -> None:  # noqa: FBT001  typer passes it so
    if wanted:
        from generator import __version__, terminal

        terminal.data(f"new-service {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def interview(  # noqa: PLR0913  each is an option
    dest: Annotated[
        str, typer.Argument(metavar="[DEST]", help="Folder to create; by default the service's name.")
    ] = "",
    *,
    answers: Answers = "",
    data: Data = None,
    defaults: Defaults = False,
    expert: Expert = False,
    dry_run: DryRun = False,
    result_format: ResultFormat = "text",
    no_git: NoGit = False,
    policy: Policies = None,
    template_url: TemplateUrl = "",
    no_color: NoColor = False,
) -> int:
    """Ask, show the decision, create the repository.

    What --answers and --data give is not asked. Without a terminal nothing is asked, as with create.
    """
    from generator import commands

    _set_colour(no_color=no_color)
    return commands.interview(
        _given(answers, data, policy, defaults=defaults),
        commands.Wanted(
            dest=dest,
            dry_run=dry_run,
            with_git=not no_git,
            as_json=result_format == "json",
            template_url=template_url,
            expert=expert,
        ),
    )


def create(  # noqa: PLR0913  each is an option
    dest: Dest,
    *,
    answers: Answers = "",
    data: Data = None,
    defaults: Defaults = False,
    dry_run: DryRun = False,
    result_format: ResultFormat = "text",
    no_git: NoGit = False,
    policy: Policies = None,
    template_url: TemplateUrl = "",
) -> int:
    """Create the repository from given answers.

    Exit code 1: nothing was made, because the policy says no or its tier has no template yet.
    """
    from generator import commands

    return commands.create(
        _given(answers, data, policy, defaults=defaults),
        commands.Wanted(
            dest=dest,
            dry_run=dry_run,
            with_git=not no_git,
            as_json=result_format == "json",
            template_url=template_url,
        ),
    )


def decide(  # noqa: PLR0913  each is an option
    *,
    answers: Answers = "",
    data: Data = None,
    defaults: Defaults = False,
    decision_format: DecisionFormat = "text",
    chart: Annotated[
        bool | None,
        typer.Option("--chart/--no-chart", help="Draw cost over traffic; by default in a terminal."),
    ] = None,
    policy: Policies = None,
    no_color: NoColor = False,
) -> int:
    """Print the decision, its reasons and its cost.

    Exit code 1: the answers are in conflict with the policy.
    """
    from generator import commands

    _set_colour(no_color=no_color)
    return commands.decide(
        _given(answers, data, policy, defaults=defaults), form=decision_format, chart=chart
    )


COMMANDS: Mapping[str, Callable[..., int] | typer.Typer] = {
    INTERVIEW: interview,
    "create": create,
    "decide": decide,
    "audit": audit,
    "justify": justify,
    "upgrade": upgrade_cli.upgrade,
    "adopt": upgrade_cli.adopt,
    "policy": policy_app,
}


def _given(
    answers: str, data: list[str] | None, policy: list[str] | None, *, defaults: bool
) -> commands.Given:
    from generator import commands

    return commands.Given(
        answers_file=answers,
        assignments=tuple(data or ()),
        policies=tuple(policy or ()),
        take_defaults=defaults,
    )


def _set_colour(*, no_color: bool) -> None:
    if no_color:
        os.environ["NO_COLOR"] = "1"
