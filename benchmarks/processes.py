"""Measures of whole processes: time in interleaved rounds, and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Ratio", "Usage", "interleaved_ratios", "interleaved_rounds", "ratio", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A measured thing as a multiple of its floor in the same rounds.

    Attributes:
        median: The middle of the rounds' ratios.
        low: Where the middle half of the rounds begins.
        high: Where it ends.
    """

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a finished command took.

    Attributes:
        seconds: From start to end.
        peak_mib: The largest resident set that it, or a process it waited for, ever had.
        cores: How many it, and what it waited for, kept busy on average.
    """

    seconds: float
    cores: float
    peak_mib: float


def interleaved_rounds(measures: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """Take every measure once per round, in order, and return what each was, round by round.

    What the machine does meanwhile hits all of a round. One more round goes first and is thrown away: it
    compiles bytecode and fills caches.
    """
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            figure = measure()
            if number > 0:
                seen[name].append(figure)
    return seen


def ratio(measured: Sequence[float], floor: Sequence[float]) -> Ratio:
    """Compare two measures within each of their rounds."""
    ratios = [figure / base for figure, base in zip(measured, floor, strict=True)]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median=median, low=low, high=high)


def interleaved_ratios(
    floor: Callable[[], float], measured: Mapping[str, Callable[[], float]], *, rounds: int
) -> dict[str, Ratio]:
    """Run the floor and every measured thing once per round, and compare within the round."""
    seen = interleaved_rounds({"floor": floor, **measured}, rounds=rounds)
    return {name: ratio(seen[name], seen["floor"]) for name in measured}


def run(command: Sequence[str]) -> Usage:
    """Run a command to its end and return what it took.

    Raises:
        RuntimeError: The command failed; the message carries what it wrote.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')}")
    cores = (usage.ru_utime + usage.ru_stime) / seconds
    return Usage(seconds=seconds, cores=cores, peak_mib=usage.ru_maxrss / 1024)
