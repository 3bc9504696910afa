"""The init of every rendered function, beside that of a bare handler and of what `sam init` makes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import packages
from lambda_init import TaskRoot, init_cpu_seconds
from processes import Ratio, interleaved_rounds, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["HTTP", "MOST_OF_POWERTOOLS", "ColdStart", "measure"]

MOST_OF_POWERTOOLS = 0.3
BOTO3 = "`aws_client: boto3`"
HTTP = "`http`, which calls no AWS"
BARE = "a bare handler"
HELLO_WORLD = "`sam init` hello-world, as `sam build` ships it"
POWERTOOLS = "its Powertools variant, as `sam build` ships it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """What one function's init costs.

    Attributes:
        name: The function.
        per_bare: CPU time as a multiple of a bare handler's.
        per_powertools: CPU time as a multiple of the Powertools variant's.
        is_rendered: Whether it is one of ours, for which a goal holds.
        is_heavy: Whether boto3 is in it, which is known to miss the goal.
    """

    name: str
    per_bare: Ratio
    per_powertools: Ratio
    is_rendered: bool
    is_heavy: bool

    @property
    def met(self) -> bool:
        """Whether the goal is met, or none holds."""
        return not self.is_rendered or self.per_powertools.median <= MOST_OF_POWERTOOLS


def measure(scratch: Path, rounds: int, *, quick: bool = False) -> list[ColdStart]:
    """Build every function and start each of them once per round.

    Args:
        scratch: Where they are built.
        rounds: How often each of them is started.
        quick: Take one event source of a kind: without AWS calls, with boto3, with a client of its own.
    """
    python = packages.runtime_python(scratch / "runtime")
    compared: dict[str, Callable[[Path], TaskRoot]] = {
        BARE: partial(packages.bare_function, python),
        HELLO_WORLD: partial(packages.sam_init_function, python, "hello_world"),
        POWERTOOLS: partial(packages.sam_init_function, python, "hello_powertools"),
    }
    built = _built({**compared, **_rendered(quick=quick)}, scratch / "functions")
    seen = interleaved_rounds(
        {name: partial(init_cpu_seconds, python, task) for name, task in built.items()}, rounds=rounds
    )
    return [
        ColdStart(
            name=name,
            per_bare=ratio(seconds, seen[BARE]),
            per_powertools=ratio(seconds, seen[POWERTOOLS]),
            is_rendered=name not in compared,
            is_heavy=name.endswith(BOTO3),
        )
        for name, seconds in seen.items()
    ]


def _rendered(*, quick: bool) -> dict[str, Callable[[Path], TaskRoot]]:
    """Return what builds the function of each event source, with each client that calls AWS for it."""
    builders: dict[str, Callable[[Path], TaskRoot]] = {}
    for event_source in ("http", "queue") if quick else packages.ANSWERS:
        for client in packages.aws_clients(event_source):
            name = HTTP if event_source == "http" else f"`{event_source}`, `aws_client: {client}`"
            changed = [f"aws_client={client}"]
            builders[name] = partial(_render, packages.ANSWERS[event_source], changed)
    return builders


def _render(answers: Path, changed: list[str], folder: Path) -> TaskRoot:
    return packages.rendered_function(folder, answers, *changed)


def _built(builders: Mapping[str, Callable[[Path], TaskRoot]], scratch: Path) -> dict[str, TaskRoot]:
    """Build each function in a folder of its own, as many at once as there are processors."""
    scratch.mkdir()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {
            name: pool.submit(build, scratch / str(number))
            for number, (name, build) in enumerate(builders.items())
        }
    return {name: future.result() for name, future in waiting.items()}
