"""Finds and reads what a repository declares.

It runs none of its code, follows no link out of it and trusts no size.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator.answers import ANSWERS_FILE
from generator.audit import compose, documents
from generator.audit.files import LARGEST_BYTES, Beside, content_of
from generator.audit.findings import RecordedDecision, SourceProblem
from generator.audit.gitignore import Ignored, is_regular
from generator.audit.instruction_files import instruction_files
from generator.audit.justifications import FILE
from generator.audit.readers import INCLUDING, NAMES, terraform_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from generator.audit.instructions import InstructionFile
    from generator.audit.readers import Reader
    from generator.audit.values import Value

__all__ = ["Sources", "Template", "discover", "reader_of"]

MOST_FILES = 100_000
ENDINGS = (".yaml", ".yml", ".json", ".template")
# What tools make or fetch; `cdk.out` alone is made and still read, because it says what the code means.
_SKIPPED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".aws-sam", ".terraform", ".serverless"),
        *("site-packages", "bower_components"),
    }
)
CDK_OUT = "cdk.out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A document that says what is deployed.

    Attributes:
        reader: The module of `readers` that knows its language.
        file: Below the repository, with slashes.
        notes: What in it is doubtful, with its line.
        beside: Reads what the document includes, where its language can.
    """

    reader: str
    file: str
    document: Value
    notes: tuple[tuple[int, str], ...] = ()
    beside: Beside | None = None


@dataclass(slots=True)
class Sources:
    """Everything that was found."""

    templates: list[Template] = field(default_factory=list)
    unreadable: list[SourceProblem] = field(default_factory=list)
    skipped: list[SourceProblem] = field(default_factory=list)
    unjudged: list[SourceProblem] = field(default_factory=list)
    justifications: str = ""
    instructions: list[InstructionFile] = field(default_factory=list)
    decisions: list[RecordedDecision] = field(default_factory=list)


def discover(path: Path) -> Sources:
    """Read a repository, or one file.

    Raises:
        OSError: The path cannot be read at all.
    """
    found = Sources()
    if path.is_file():
        _read(path, path.name, found, root=path.parent.resolve(), named=True)
        return found
    root = path.resolve(strict=True)
    next(root.iterdir(), None)
    for name in _files(root, found):
        _read(root / name, name, found, root=root)
    found.templates = terraform_code.joined(found.templates)
    _drop_twins(found)
    found.instructions = instruction_files(root)
    record = root / FILE
    if is_regular(record) and record.resolve().is_relative_to(root):
        found.justifications = record.read_text(encoding="utf-8", errors="replace")
    return found


def _files(root: Path, found: Sources) -> Iterator[str]:
    """Yield the files that may hold a template, below a root, in the order of their names."""
    ignored = Ignored()
    seen = 0
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        below = here.relative_to(root)
        inside_cdk = CDK_OUT in below.parts
        _name_what_is_not_made(root, PurePosixPath(below.as_posix()), {*folders, *names}, found)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED_FOLDERS
            and not (inside_cdk and name.startswith("asset."))
            and (name == CDK_OUT or inside_cdk or not ignored.folder(below / name))
        )
        ignored.enter(here, below)
        for name in sorted(names):
            seen += 1
            if seen > MOST_FILES:
                return
            file = below / name
            wanted = name.endswith(".template.json") if inside_cdk else name.endswith(ENDINGS)
            if wanted and _stays_inside(here / name, root) and (inside_cdk or not ignored.file(file)):
                yield file.as_posix()


def _drop_twins(found: Sources) -> None:
    """Keep one of the templates that stand in a folder twice, as YAML and as JSON."""
    kept: dict[tuple[str, frozenset[str]], Template] = {}
    for template in sorted(found.templates, key=lambda one: (one.file.endswith(".json"), one.file)):
        resources = template.document.member("Resources")
        names = (
            frozenset(resources.data) if resources and isinstance(resources.data, Mapping) else frozenset()
        )
        kept.setdefault((template.file.rpartition(".")[0] if names else template.file, names), template)
    found.templates = sorted(kept.values(), key=lambda one: one.file)


def _name_what_is_not_made(root: Path, folder: PurePosixPath, names: Collection[str], found: Sources) -> None:
    """Say what was not judged, because nobody wrote down yet what it makes."""
    if "cdk.json" in names and CDK_OUT not in names:
        problem = "the CDK app is not synthesised: run it, so that there is a cdk.out"
        place = str(folder / "cdk.json")
        found.unjudged.append(SourceProblem(file=place, line=1, problem=problem, awaits_run=True))
    code = sorted(
        name
        for name in names
        if terraform_code.is_read(name)
        and is_regular(root / folder / name)
        and _stays_inside(root / folder / name, root)
    )
    if any(map(terraform_code.is_code, code)) and not _read_code(root, folder, code, found):
        problem = (
            "Terraform is judged by its plan: terraform show -json PLAN > plan.json; "
            "with the extra new-service[hcl] by its code"
        )
        found.unjudged.append(SourceProblem(file=str(folder / code[0]), line=1, problem=problem))


def _read_code(root: Path, folder: PurePosixPath, names: Sequence[str], found: Sources) -> bool:
    """Read the Terraform files of a folder, and tell whether that can be done here."""
    try:
        document = terraform_code.document_of(
            {str(folder / name): content_of(root / folder / name).decode("utf-8") for name in names}
        )
    except ImportError:
        return False
    except (OSError, ValueError) as error:
        found.unreadable.append(SourceProblem(file=str(folder / names[0]), line=1, problem=str(error)))
        return True
    found.templates.append(
        Template(reader=terraform_code.MARK, file=str(folder / names[0]), document=document)
    )
    return True


def _read(path: Path, name: str, found: Sources, *, root: Path, named: bool = False) -> None:
    """Read one file, if it is a template; a file that was named must be one."""
    try:
        content = content_of(path)
    except OSError as error:
        if named:
            raise
        found.unreadable.append(SourceProblem(file=name, line=1, problem=error.strerror or "no permission"))
        return
    readers = [reader for reader in NAMES if reader_of(reader).looks(name, content)]
    is_compose = path.name in compose.NAMES
    if not named and not readers and not is_compose and not name.endswith(ANSWERS_FILE):
        return
    if len(content) > LARGEST_BYTES:
        found.unreadable.append(
            SourceProblem(file=name, line=1, problem=f"it is larger than {LARGEST_BYTES:,} bytes")
        )
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found.unreadable.append(SourceProblem(file=name, line=line, problem="it is not UTF-8"))
        return
    try:
        read, repeated = documents.read(text)
    except documents.DocumentError as error:
        found.unreadable.append(SourceProblem(file=name, line=error.line or 1, problem=error.problem))
        return
    notes = tuple((line, f"key {key} is given twice, the last one counts") for line, key in repeated)
    known = [
        Template(
            reader=reader,
            file=name,
            document=document,
            notes=notes,
            beside=Beside(root=root, folder=PurePosixPath(name).parent) if reader in INCLUDING else None,
        )
        for document in read
        for reader in ([one for one in NAMES if reader_of(one).knows(name, document)][:1])
    ]
    found.decisions += [made for document in read if (made := _decision(name, document))]
    if is_compose and not known:
        said = (compose.advice(document) for document in read)
        found.skipped += [SourceProblem(file=name, line=1, problem=one) for one in said if one]
    elif not known and named:
        found.skipped.append(SourceProblem(file=name, line=1, problem="it declares nothing of AWS"))
    found.templates += known


def _decision(name: str, document: Value) -> RecordedDecision | None:
    """Return the tier of a project that was made from the templates of this program."""
    tier, decision = document.member("tier"), document.member("decision")
    if not name.endswith(ANSWERS_FILE) or tier is None or decision is None or not isinstance(tier.data, str):
        return None
    return RecordedDecision(file=name, line=tier.line, tier=tier.data)


def reader_of(name: str) -> Reader:
    """Return the module that reads a language."""
    module: Reader = import_module(f"generator.audit.readers.{name}")  # type: ignore[assignment]  # it is one
    return module


def _stays_inside(path: Path, root: Path) -> bool:
    """Tell whether a file is in the repository itself, whatever link leads to it."""
    if not path.is_symlink():
        return True
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False
