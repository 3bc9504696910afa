"""Work in a few processes: every item is worked on, and Ctrl-C ends it without a traceback of a worker."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from toolbox import REPOSITORY

from generator import processes

if TYPE_CHECKING:
    from pathlib import Path

# The parent of a file that appears says when the work has begun.
PROGRAM = """
import sys, time
from pathlib import Path
from generator import processes

def work(name):
    Path(name).touch()
    time.sleep(1)
    return name

if __name__ == "__main__":
    try:
        for item, _ in processes.worked(work, sys.argv[1:]):
            print(item, flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_single_item_is_worked_on_in_this_process() -> None:
    assert list(processes.worked(lambda number: number + 1, [1])) == [(1, 2)]


def test_every_item_is_given_back_with_its_result() -> None:
    assert dict(processes.worked(abs, [-1, -2, 3])) == {-1: 1, -2: 2, 3: 3}


def test_no_more_processes_than_are_allowed() -> None:
    ids = [process for _, process in processes.worked(operator.call, [os.getpid] * 6, at_most=1)]

    assert len(set(ids)) == 1
    assert os.getpid() not in ids


def test_exception_of_a_worker_arrives() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(processes.worked(int, ["1", "x", "2"]))


def test_interrupt_ends_all_of_it_without_a_traceback(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    names = [str(tmp_path / f"item-{number}") for number in range(20)]
    begun = subprocess.Popen(
        [sys.executable, program, *names],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert begun.stdout
    begun.stdout.readline()

    # A terminal sends it to every process.
    os.killpg(begun.pid, signal.SIGINT)
    _, said = begun.communicate(timeout=60)

    assert (begun.returncode, said) == (130, "")
    assert 0 < len(list(tmp_path.glob("item-*"))) < len(names)
