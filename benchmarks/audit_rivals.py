"""The audit of many templates against cfn-lint and checkov on the same files: CPU time, and peak memory."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import table
from processes import Usage, run

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["rows"]

REPOSITORY = Path(__file__).parents[1]
AT_MOST = 1 / 20
MOST_MIB = 60
# They exit otherwise than 0 when they find something.
TOLERANT = ["/bin/sh", "-c", '"$@" || test $? -lt 126', "sh"]


def rows(scratch: Path, count: int) -> list[table.Row]:
    """Measure each once on so many templates."""
    found = {name: _program(name) for name in ("cfn-lint", "checkov")}
    missing = [name for name, program in found.items() if program is None]
    if missing:
        sys.stderr.write(f"{', '.join(missing)} is not installed: `make tools`; not compared\n")
        return []
    folder = scratch / "templates"
    files = _templates(folder, count)
    audit = _run([sys.executable, "-m", "generator", "audit", str(folder)])
    rivals = {
        "cfn-lint": _run([str(found["cfn-lint"]), "--non-zero-exit-code", "none", *files]),
        "checkov": _run([str(found["checkov"]), "--quiet", "--compact", "--directory", str(folder)]),
    }
    return [
        *(
            table.amount_row(
                f"CPU of the audit of {count} templates / {name}'s",
                _cpu(audit) / _cpu(rival),
                "x",
                at_most=AT_MOST,
                # Once each, and 0.02 to 0.04 were seen.
                noisy=True,
            )
            for name, rival in rivals.items()
        ),
        table.amount_row(
            f"peak memory of the audit of {count} templates", audit.peak_mib, "MiB", at_most=MOST_MIB
        ),
    ]


def _program(name: str) -> str | None:
    folders = (os.environ.get(variable, "") for variable in ("NEW_SERVICE_TOOLS", "PATH"))
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if folder))


def _templates(folder: Path, count: int) -> list[str]:
    """Write the templates of this repository's tests again and again, each into a folder of its own."""
    seeds = sorted(
        [*REPOSITORY.glob("tests/golden/*/template.yaml"), *REPOSITORY.glob("tests/cases/audit/*/*.yaml")]
    )
    made = []
    for number in range(count):
        file = folder / f"stack-{number:03}" / "template.yaml"
        file.parent.mkdir(parents=True)
        shutil.copy(seeds[number % len(seeds)], file)
        made.append(str(file))
    return made


def _run(command: Sequence[str]) -> Usage:
    """Run a command that may find something wrong."""
    quiet = {"LOG_LEVEL": "ERROR", "BC_SKIP_DOWNLOAD": "true"}
    os.environ.update(quiet)
    return run([*TOLERANT, *command])


def _cpu(usage: Usage) -> float:
    return usage.cores * usage.seconds


if __name__ == "__main__":
    import tempfile

    os.environ["PYTHONPATH"] = str(REPOSITORY)
    with tempfile.TemporaryDirectory() as given:
        sys.stdout.write(table.markdown(rows(Path(given), 100)))
