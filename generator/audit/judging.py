"""Reads and judges one repository, with nothing but what the caller says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator import policy_block, prices
from generator.audit import engine, instructions, justifications, outcome
from generator.audit.discovery import discover, reader_of
from generator.audit.findings import Declared
from generator.audit.readers import serverless_variables
from generator.errors import NewServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.audit.discovery import Sources, Template
    from generator.audit.engine import Report
    from generator.audit.instructions import InstructionProblem
    from generator.audit.outcome import Outcome
    from generator.audit.stack import Stack

__all__ = ["Reading", "outcome_of", "report_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a repository is read.

    Attributes:
        parameters: Template parameters by name.
        region: Taken where a template asks for its region.
        use_waivers: Whether recorded justifications excuse anything.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    region: str = "us-east-1"
    use_waivers: bool = True


def report_of(path: str, wanted: Reading) -> Report:
    """Read and judge one repository or file.

    Raises:
        NewServiceError: The path cannot be read.
    """
    try:
        sources = discover(Path(path))
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise NewServiceError(
            f"audit {path}: {said}", hint="name a folder or a template that can be read"
        ) from error
    today = datetime.now(tz=UTC).date()
    entries, problems = justifications.parse(sources.justifications, file=justifications.FILE, today=today)
    declared = Declared(
        stacks=tuple(_stacks(sources.templates, wanted)),
        unreadable=tuple(sources.unreadable),
        skipped=tuple(sources.skipped),
        unjudged=tuple(sources.unjudged),
        justifications=entries if wanted.use_waivers else (),
        justification_problems=problems,
        instruction_problems=tuple(_instructions(sources)),
        decisions=tuple(sources.decisions),
        today=today,
    )
    return engine.judge(declared, prices.load())


def outcome_of(folder: Path) -> Outcome:
    """Judge, in a few lines, a repository that another command of this program made or changed."""
    return outcome.of(report_of(str(folder), Reading()))


def _instructions(sources: Sources) -> Iterator[InstructionProblem]:
    if sources.instructions:
        yield from instructions.judge(
            sources.instructions, policy_block.known_hashes(), policy_block.version()
        )


def _stacks(templates: Sequence[Template], wanted: Reading) -> Iterator[Stack]:
    """Yield what each template would make, but what one makes by including another one only once."""
    complete = [_complete(template, wanted) for template in templates]
    stacks = [_stack(template, wanted) for template in complete]
    taken: dict[str, set[tuple[str, str]]] = {}
    for template, stack in zip(complete, stacks, strict=True):
        for name in template.beside.included if template.beside else ():
            taken.setdefault(name, set()).update(_made(stack))
    for template, stack in zip(complete, stacks, strict=True):
        held = taken.get(template.file)
        if template.beside or held is None or not _made(stack) <= held:
            yield stack


def _made(stack: Stack) -> set[tuple[str, str]]:
    return {(resource.logical_id, resource.type) for resource in stack.resources.values()}


def _complete(template: Template, wanted: Reading) -> Template:
    if template.beside is None:
        return template
    document = serverless_variables.filled_in(
        template.document, template.beside, wanted.parameters, wanted.region
    )
    return replace(template, document=document)


def _stack(template: Template, wanted: Reading) -> Stack:
    made = reader_of(template.reader).deploy(
        template.document, template.file, wanted.parameters, wanted.region
    )
    return replace(made, notes=(*template.notes, *made.notes))
