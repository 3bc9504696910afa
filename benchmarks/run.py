"""Measure the tool and what it renders against their goals, and write the table.

Times are ratios within this one run, so that they mean the same on another machine. The exit code is 1 when a
goal is missed; with `--quick` there are few rounds, and only goals that no noise can miss count.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import audit_rivals
import cold_starts
import packages
import subjects
import table
import task_image
from processes import Ratio, interleaved_ratios, run
from upgrades import Rivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cold_starts import ColdStart

REPOSITORY = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results.md")
ROUNDS, QUICK_ROUNDS = 15, 2
# Each of these starts a score of functions.
COLD_START_ROUNDS = 7
# In one call each: memory that grows with the number of projects shows between the two.
PROJECTS, QUICK_PROJECTS = (20, 200), (2, 8)
TEMPLATES, QUICK_TEMPLATES = 100, 10
MIB_PER_MB = 1.048576


def start_up(rounds: int) -> list[table.Row]:
    """Measure commands that only read, against an interpreter that does nothing."""
    ratios = interleaved_ratios(
        partial(seconds, [sys.executable, "-c", "pass"]),
        {
            "help": partial(seconds, subjects.help_command()),
            "decide": partial(seconds, subjects.decide_command()),
        },
        rounds=rounds,
    )
    return [
        table.ratio_row("`new-service --help` / `python -c pass`", ratios["help"], at_most=8),
        table.ratio_row("`new-service decide` / `python -c pass`", ratios["decide"], at_most=16),
    ]


def creation(scratch: Path, rounds: int) -> list[table.Row]:
    """Measure `create` against Copier on the same template with the same answers, and its memory."""
    created = scratch / "created"
    peak = run(subjects.create_command(created)).peak_mib
    published = subjects.publish_template(scratch / "published", created)
    folder = subjects.export_template(scratch / "folder")
    run(subjects.copy_command(published, created, scratch / "copied"))
    subjects.assert_same_tree(created, scratch / "copied")

    def ratio(template: Path) -> Ratio:
        targets = (template.with_name(f"{template.name}-{number}") for number in itertools.count())
        return interleaved_ratios(
            lambda: seconds(subjects.copy_command(template, created, next(targets))),
            {"create": lambda: seconds(subjects.create_command(next(targets)))},
            rounds=rounds,
        )["create"]

    return [
        table.ratio_row(
            "`create --no-git` / `copier copy` of the release, same tree", ratio(published), at_most=1
        ),
        table.ratio_row(
            "the same / `copier copy` of a plain folder, no release recorded", ratio(folder), at_most=1
        ),
        table.amount_row("peak memory of `create`", peak * MIB_PER_MB, "MB", at_most=150),
    ]


def upgrading(scratch: Path, rounds: int) -> list[table.Row]:
    """Measure `upgrade` against `copier update` on one project, and on many projects in one call."""
    created = scratch / "of-this-release"
    run(subjects.create_command(created))
    rivals = Rivals.prepare(scratch / "upgrades", created / ".copier-answers.yml")

    def from_the_start(command: Sequence[str]) -> float:
        rivals.start_over()
        return seconds(command)

    ratio = interleaved_ratios(
        lambda: from_the_start(rivals.copier_update()),
        {"upgrade": lambda: from_the_start(rivals.upgrade())},
        rounds=rounds,
    )["upgrade"]
    fewer, count = PROJECTS if rounds == ROUNDS else QUICK_PROJECTS
    few = run(rivals.upgrade(*rivals.copies(fewer))).peak_mib
    shutil.rmtree(rivals.folder / "copies")
    many = run(rivals.upgrade(*rivals.copies(count)))
    return [
        table.ratio_row("`upgrade` / `copier update`, same project", ratio, at_most=0.35),
        table.amount_row(
            f"peak memory of {count} upgrades / of {fewer}", many.peak_mib / few, "x", at_most=1.2
        ),
        table.amount_row(f"cores busy during {count} upgrades", many.cores, "", at_most=2.1),
    ]


def function(scratch: Path, starts: Sequence[ColdStart]) -> list[table.Row]:
    """Weigh the default package, for arm64, and hold its init, seen on x86_64, against a bare handler's."""
    package = packages.make_package(scratch / "arm64", packages.ANSWERS["http"])
    (default,) = (start for start in starts if start.name == cold_starts.HTTP)
    return [
        table.ratio_row(
            "CPU of the default handler's init / a bare handler's", default.per_bare, at_most=2.4
        ),
        table.amount_row("package of the default handler", package.stat().st_size / 1e6, "MB", at_most=2.5),
    ]


def task(scratch: Path, rounds: int) -> list[table.Row]:
    """Measure the image of a Fargate task against a common one of the same code; none without engine."""
    podman = task_image.engine()
    if podman is None:
        sys.stderr.write("no container engine is installed: `make tools`; images are not measured\n")
        return []
    service = packages.make_task(scratch / "task-service")
    rendered = task_image.rendered_image(podman, service)
    common = task_image.common_image(podman, service, scratch / "common-image")
    ratios = interleaved_ratios(
        partial(task_image.start_cpu_seconds, podman, common),
        {"start": partial(task_image.start_cpu_seconds, podman, rendered)},
        rounds=rounds,
    )
    added = task_image.megabytes_above_base(podman, rendered, service)
    size = added / task_image.megabytes_above_base(podman, common, service)
    name = "one of `pip install`, same code"
    return [
        table.amount_row(f"image of a task above its base / {name}", size, "x", at_most=0.5),
        table.ratio_row(f"CPU of a task's start to its first line / in {name}", ratios["start"], at_most=0.6),
    ]


def seconds(command: Sequence[str]) -> float:
    """Return how long a command takes."""
    return run(command).seconds


def main() -> int:
    """Run every measure, print the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="few rounds; missed goals of time do not count")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the table is written")
    arguments = parser.parse_args()
    rounds = QUICK_ROUNDS if arguments.quick else ROUNDS
    # Installed tools have bytecode; a shell that forbids writing it would measure the compiler.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = str(REPOSITORY)

    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        starts = cold_starts.measure(scratch, min(rounds, COLD_START_ROUNDS), quick=arguments.quick)
        rows = [
            *start_up(rounds),
            *creation(scratch, rounds),
            *upgrading(scratch, rounds),
            *function(scratch, starts),
            *task(scratch, rounds),
            *audit_rivals.rows(scratch / "audited", QUICK_TEMPLATES if arguments.quick else TEMPLATES),
        ]
    text = f"{table.markdown(rows)}\n{table.cold_starts_markdown(starts)}"
    arguments.output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    missed = [row for row in rows if not row.met and not (row.noisy and arguments.quick)]
    slow = [start for start in starts if not (start.met or start.is_heavy or arguments.quick)]
    return int(bool(missed or slow))


if __name__ == "__main__":
    raise SystemExit(main())
