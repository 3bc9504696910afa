"""Runs CDK apps one after another in one process, by the Python of a rendered repository.

Starting Node and loading the CDK take most of the time that one app takes; here they are started once.

Reads lines of JSON with `app` and `folder`, makes what the app makes in that folder, and answers each with
a line: an empty text, or what the app said when it failed. The CDK reads CDK_OUTDIR when it starts, so
every app writes there, and what it wrote is moved.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import shutil
import sys
import traceback
from pathlib import Path


def main() -> None:
    """Answer every line."""
    answers = sys.stdout
    for line in sys.stdin:
        asked = json.loads(line)
        said = run(Path(asked["app"]))
        if not said:
            shutil.move(os.environ["CDK_OUTDIR"], asked["folder"])
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def run(app: Path) -> str:
    """Run an app, and return why it failed, if it did."""
    shutil.rmtree(os.environ["CDK_OUTDIR"], ignore_errors=True)
    known = set(sys.modules)
    sys.path.insert(0, str(app.parent))
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            runpy.run_path(str(app), run_name="__main__")
    except SystemExit as end:
        return printed.getvalue() or str(end) if end.code else ""
    except Exception:  # noqa: BLE001  whatever it is, it is told
        return printed.getvalue() + traceback.format_exc()
    finally:
        sys.path.remove(str(app.parent))
        # The next app has modules of the same names.
        for name in set(sys.modules) - known:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(app.parent):
                del sys.modules[name]
    return ""


if __name__ == "__main__":
    main()
