"""Upgrades many projects: in a few processes, those of one repository one after the other."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import processes, terminal
from generator.errors import NewServiceError, RenderError
from generator.upgrade import one
from generator.upgrade.report import Failure, Report
from generator.upgrade.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from generator.policy import Policy
    from generator.upgrade.one import Order

__all__ = ["Result", "scratch", "upgrade_all"]

Result = Report | Failure

_MARK = "new-service-upgrade"
_PROCESSES = 2
"""Git and Python work in turn; more would only take the machine away from others."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a temporary folder, and remove those that killed runs have left."""
    from generator import target

    for left in Path(tempfile.gettempdir()).glob(f"{_MARK}-*-*"):
        if not _is_running(left.name.removeprefix(f"{_MARK}-").partition("-")[0]):
            _remove(left)
    with target.stopped_politely(), tempfile.TemporaryDirectory(prefix=f"{_MARK}-{os.getpid()}-") as folder:
        yield Path(folder).resolve()


def _is_running(number: str) -> bool:
    if os.name != "posix" or not number.isdecimal():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Projects that one process works on in turn."""

    names: tuple[str, ...]
    order: Order
    rules: Policy
    today: date
    scratch: Path


def upgrade_all(names: Sequence[str], order: Order, rules: Policy, *, today: date) -> tuple[Result, ...]:
    """Upgrade every named project; what fails for one does not stop the others.

    Returns:
        What became of each, in the order in which they were named.
    """
    with scratch() as folder:
        batches = [
            _Batch(names=group, order=order, rules=rules, today=today, scratch=folder)
            for group in _groups(names)
        ]
        results: dict[str, Result] = {}
        worked = processes.worked(_work_off, batches, at_most=_PROCESSES)
        for number, (_, done) in enumerate(worked, start=1):
            results |= done
            if len(batches) > 1 and terminal.is_watched():
                terminal.say(f"{number}/{len(batches)}  {', '.join(done)}")
    return tuple(results[name] for name in names)


def _groups(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the projects by repository: two merges in one index would break each other."""
    groups: dict[Path, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(_repository_of(Path(name).resolve()), []).append(name)
    return [tuple(group) for group in groups.values()]


def _repository_of(folder: Path) -> Path:
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)


_templates: dict[Path, Templates] = {}
"""What this process has unpacked, by scratch folder."""


def _work_off(batch: _Batch) -> Mapping[str, Result]:
    if batch.scratch not in _templates:
        _templates[batch.scratch] = Templates(
            scratch=Path(tempfile.mkdtemp(prefix="process-", dir=batch.scratch))
        )
    return {name: _one(name, batch, _templates[batch.scratch]) for name in batch.names}


def _one(name: str, batch: _Batch, templates: Templates) -> Result:
    try:
        return one.upgrade(name, batch.order, batch.rules, templates, today=batch.today)
    except NewServiceError as error:
        code = 3 if isinstance(error, RenderError) else 2
        return Failure(folder=name, message=error.message, hint=error.hint, exit_code=code)
