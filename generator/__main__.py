"""The program: starts the command line; the one place that turns errors into a message and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from generator import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

WRONG_USAGE = 2
UNEXPECTED = 3
INTERRUPTED = 130

_REPORT = (
    f"this is a fault of new-service {__version__}, please report it with the command; "
    "NEW_SERVICE_TRACEBACK=1 shows more"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        arguments: Words after the program's name; by default those of this process.

    Returns:
        0 done and compliant, 1 the policy says no or its tier has no template, 2 wrong usage or answers,
        3 unexpected failure, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"new-service {__version__}")  # noqa: T201  before anything else is loaded
        return 0
    from generator import terminal
    from generator.errors import NewServiceError, RenderError

    terminal.prepare()
    # The process is short and makes few cycles: looking for them is a twentieth of its time.
    gc.disable()
    try:
        from generator import cli

        code = cli.run(words)
    except NewServiceError as error:
        _tell(error.message, error.hint)
        return UNEXPECTED if isinstance(error, RenderError) else WRONG_USAGE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        _tell(f"unexpected {type(error).__name__}: {error} ({_place_of(error)})", _REPORT)
        if os.environ.get("NEW_SERVICE_TRACEBACK"):
            raise
        return UNEXPECTED
    if code == INTERRUPTED:
        # Typer, too, turns the interrupt into this code.
        terminal.say("interrupted")
    return code


def _place_of(error: Exception) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "nowhere"
    return f"{os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}"  # noqa: PTH119


def _tell(message: str, hint: str) -> None:
    from generator import terminal

    terminal.say(f"error: {message}")
    if hint:
        terminal.say(f"\nhint: {hint}")


if __name__ == "__main__":
    sys.exit(main())
