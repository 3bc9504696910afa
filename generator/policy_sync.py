"""What `policy sync` does: the stamped block in the files that agents read, and nothing else of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator import files, policy_block, stamp, terminal
from generator.audit.instruction_files import instruction_files
from generator.errors import NewServiceError

__all__ = ["Change", "changes", "sync"]

AGENTS = "AGENTS.md"
# Agents that do not read AGENTS.md -> their file and how it imports another.
_IMPORTING = {"CLAUDE.md": "@AGENTS.md", "GEMINI.md": "@./AGENTS.md"}
_MADE_WHEN_ABSENT = "CLAUDE.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file that would say something else.

    Attributes:
        file: Below the repository, with slashes.
        what: For a person.
        text: What it will hold.
    """

    file: str
    what: str
    text: str


def sync(path: str, *, check: bool) -> int:
    """Write the block where it is missing or old; with `check` only say where.

    Returns:
        0 when every file has it (now), 1 when a check found one that has not.

    Raises:
        NewServiceError: The folder cannot be read or written, or the markers of a file are broken.
    """
    root = Path(path)
    if not root.is_dir():
        raise NewServiceError(f"policy sync {path}: no folder", hint="name the root of a repository")
    wanted = changes(root.resolve())
    for change in wanted:
        if not check:
            files.write_whole(root / change.file, change.text)
        terminal.data(f"{'would write' if check else 'wrote'} {change.file}: {change.what}")
    if not wanted:
        terminal.data(f"every file has the block of {policy_block.version()}")
    return 1 if check and wanted else 0


def changes(root: Path) -> list[Change]:
    """Return what has to change so that every agent reads today's policy.

    Raises:
        NewServiceError: The markers of a file are broken.
    """
    block, version = policy_block.current(), policy_block.version()
    texts = {one.file: _read(root / one.file) for one in instruction_files(root)}
    texts.setdefault(AGENTS, "")
    found = []
    for file, text in sorted(texts.items()):
        has_block = any(True for _ in stamp.blocks(text))
        if file == AGENTS or has_block:
            made = _stamped(file, text, block)
            if made != text:
                what = (
                    f"the block of {version}"
                    if has_block or not text
                    else f"the block of {version}, at its end"
                )
                found.append(Change(file=file, what=what, text=made))
    for file, line in _IMPORTING.items():
        written = texts.get(file)
        if written is None and file != _MADE_WHEN_ABSENT:
            continue
        has_block = any(True for _ in stamp.blocks(written or ""))
        if not has_block and AGENTS not in (written or ""):
            made = f"{written.rstrip()}\n\n{line}\n" if written else f"{line}\n"
            found.append(Change(file=file, what=f"an import of {AGENTS}", text=made))
    return found


def _stamped(file: str, text: str, block: str) -> str:
    try:
        return stamp.with_block(text, block)
    except ValueError as error:
        hint = "keep one pair of markers, or none, and run it again"
        raise NewServiceError(f"policy sync: {file}: {error}", hint=hint) from error


def _read(file: Path) -> str:
    try:
        # Line ends are kept: only what is between the markers may change.
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NewServiceError(
            f"policy sync: {file.name} cannot be read as UTF-8", hint="correct the file"
        ) from error
