"""Runs console scripts of one environment one after another, by its Python, so that they are loaded once.

Reads lines of JSON with `folder` and `command`, whose first word is the path of a console script; runs it in
that folder, and answers with a line of JSON: `code`, its exit code, and `said`, what it wrote.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import traceback


def main() -> None:
    """Answer every line."""
    answers = sys.stdout
    for line in sys.stdin:
        asked = json.loads(line)
        os.chdir(asked["folder"])
        code, said = run(asked["command"])
        answers.write(json.dumps({"code": code, "said": said}) + "\n")
        answers.flush()


def run(command: list[str]) -> tuple[int, str]:
    """Run a script as a shell would, and return its exit code and what it wrote."""
    sys.argv = command
    written = io.StringIO()
    try:
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            return 1, written.getvalue() + end.code
        return end.code or 0, written.getvalue()
    except Exception:  # noqa: BLE001  whatever it is, it is told
        return 1, written.getvalue() + traceback.format_exc()
    return 0, written.getvalue()


if __name__ == "__main__":
    main()
