"""Asks one question in the terminal: arrow keys choose, the rest is typed, `?` explains and `<` goes back."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

import questionary
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.output import ColorDepth, create_output

from generator import terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPressEvent

__all__ = ["BACK", "Back", "Choice", "Prompt", "ask"]

WIDEST = 100


class Back(Enum):
    """The reply of a person who wants to see the question before once more."""

    BACK = "<"


BACK = Back.BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose: its value, and what it means."""

    value: object
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question as it is shown.

    Attributes:
        text: The question.
        help: What `?` shows.
        kind: One of several, any of several, or typed.
        choices: What can be chosen; empty when the answer is typed.
        unit: Unit of a typed number; empty without one.
        default: What Enter alone answers; None when there is no default.
        check: Says what is wrong with an answer, in one or more ways of which the first that fits on the
            screen is shown; nothing when nothing is wrong.
    """

    text: str
    help: str
    kind: Literal["one", "several", "typed"]
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    default: object = None
    check: Callable[[object], tuple[str, ...]] = lambda _: ()


def ask(prompt: Prompt) -> object | Back:
    """Ask a question until it is answered, and explain it as often as wished.

    Returns:
        The value of a choice, a list of such values, the typed text, or `BACK`.

    Raises:
        KeyboardInterrupt: The person pressed Ctrl-C, or closed the input.
    """
    while True:
        try:
            reply: object = _widget(prompt).unsafe_ask()
        except EOFError as error:
            raise KeyboardInterrupt from error
        if reply == "?":
            terminal.say(_explanation(prompt))
        elif isinstance(reply, str) and reply.strip() == BACK.value:
            return BACK
        else:
            return (reply.strip() or _default(prompt)) if isinstance(reply, str) else reply


def _widget(prompt: Prompt) -> questionary.Question:
    if prompt.kind == "typed":
        return questionary.text(
            _wrapped(prompt.text),
            # Shown until something is typed, so that nobody has to delete it first.
            placeholder=FormattedText([("class:placeholder", _default(prompt))]),
            instruction=f"({prompt.unit})" if prompt.unit else None,
            validate=lambda text: (
                text.strip() in {"?", BACK.value}
                or _complaint(prompt, text.strip() or _default(prompt))
                or True
            ),
            **_look(),
        )
    choices = [questionary.Choice(_title(choice), value=choice.value) for choice in prompt.choices]
    if prompt.kind == "several":
        chosen = prompt.default if isinstance(prompt.default, list | tuple) else ()
        for choice in choices:
            choice.checked = choice.value in chosen
        widget = questionary.checkbox(
            _wrapped(prompt.text),
            choices=choices,
            instruction="(Space marks, Enter goes on)",
            validate=lambda values: _complaint(prompt, values) or True,
            **_look(),
        )
    else:
        default = next((choice for choice in choices if choice.value == prompt.default), None)
        widget = questionary.select(
            _wrapped(prompt.text), choices=choices, default=default, instruction=" ", **_look()
        )
    return _with_keys(widget)


def _default(prompt: Prompt) -> str:
    """Return what Enter alone answers to a question whose answer is typed."""
    return "" if prompt.default is None else str(prompt.default)


def _with_keys(widget: questionary.Question) -> questionary.Question:
    """Let `?`, `<` and Ctrl-D leave a list of choices, where they cannot be typed."""
    bindings = KeyBindings()

    @bindings.add("?", eager=True)
    @bindings.add("<", eager=True)
    def _leave(event: KeyPressEvent) -> None:
        event.app.exit(result=event.key_sequence[0].data)

    @bindings.add("c-d", eager=True)
    def _end(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    own = widget.application.key_bindings
    widget.application.key_bindings = merge_key_bindings([bindings] if own is None else [own, bindings])
    return widget


def _look() -> dict[str, Any]:
    """Show questions on standard error, because standard output carries the result."""
    return {
        "qmark": "?",
        "output": create_output(stdout=sys.stderr),
        "color_depth": None if terminal.use_colour(sys.stderr) else ColorDepth.DEPTH_1_BIT,
    }


def _complaint(prompt: Prompt, answer: object) -> str:
    """Return what is wrong with an answer, in the one line that the screen has for it."""
    ways = prompt.check(answer)
    width = terminal.size()[0] - 1
    return next((way for way in ways if len(way) <= width), textwrap.shorten(ways[-1], width) if ways else "")


def _wrapped(text: str) -> str:
    """Break a question between words; the terminal would break it anywhere."""
    return textwrap.fill(text, width=min(terminal.size()[0], WIDEST) - 12, subsequent_indent="  ")


def _title(choice: Choice) -> str:
    """Return a choice on one line of the terminal; `?` shows it whole."""
    width = min(terminal.size()[0], WIDEST) - 6
    return textwrap.shorten(choice.text, width=width, placeholder=" …")


def _explanation(prompt: Prompt) -> str:
    width = min(terminal.size()[0], WIDEST) - 2
    lines = textwrap.wrap(prompt.help, width=width - 2)
    for choice in prompt.choices:
        lines += textwrap.wrap(f"- {choice.text}", width=width - 2, subsequent_indent="  ")
    if prompt.kind == "typed":
        lines.append("Type ? for this text and < to go back.")
    return "\n".join(f"  {line}" for line in lines)
