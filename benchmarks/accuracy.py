"""Compares the audit with hand-made labels of public templates, and writes precision and recall into a page.

Templates of CloudFormation and configurations of Terraform are counted apart. They stay where their authors
have them: give a folder of clones, `OWNER/NAME` or `OWNER+NAME/repo` below it, and the files are read from
the labelled commits.
"""

from __future__ import annotations

import argparse
import posixpath
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from generator.audit.judging import Reading, report_of
from generator.audit.readers.terraform_blocks import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.audit.engine import Report

__all__ = ["LABELS", "TERRAFORM", "Score", "compared", "labels", "page", "reached"]

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "tests" / "cases" / "labelled.yaml"
TERRAFORM = ROOT / "tests" / "cases" / "labelled_terraform.yaml"
PAGE = ROOT / "docs" / "accuracy.md"
_SOURCE = re.compile(r'^\s*source\s*=\s*"(\.{1,2}/[^"]*)"', re.MULTILINE)
OPEN = {"SF001", "SF003"}
"""What says that something was not judged."""
FILE_RULES = ("SF0", "SF4", "SF5", "SF102", "SF103")


@dataclass(slots=True)
class Score:
    """How the audit agrees with labels.

    Attributes:
        called_compliant: Templates with a violation of which the audit said nothing at all.
        differences: What is different, for a person.
    """

    templates: int = 0
    right: int = 0
    false: int = 0
    missed: int = 0
    units: int = 0
    units_right: int = 0
    called_compliant: int = 0
    differences: list[str] = field(default_factory=list)

    def __iadd__(self, other: Score) -> Self:
        """Add what another comparison counted."""
        for name in ("templates", "right", "false", "missed", "units", "units_right", "called_compliant"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.differences += other.differences
        return self

    @property
    def labelled(self) -> int:
        """How many violations the labels have."""
        return self.right + self.missed


def labels(path: Path = LABELS) -> list[dict[str, Any]]:
    """Return the labels of a file, by repository."""
    read: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def compared(name: str, label: Mapping[str, Any], report: Report) -> Score:
    """Return how a report agrees with the label of one template."""
    wanted = set(label.get("violations", ()))
    found = {
        f"{one.code} {one.resource}"
        for one in report.findings
        if one.counts and one.resource and not one.code.startswith(FILE_RULES)
    }
    said = found or any(one.certainty == "unknown" or one.code in OPEN for one in report.findings)
    wanted_units = Counter(label.get("tiers", {}))
    found_units = Counter(str(unit.tier) for unit in report.units)
    differences = [
        *(f"{name}: {one} is not in the labels" for one in sorted(found - wanted)),
        *(f"{name}: {one} was missed" for one in sorted(wanted - found)),
    ]
    if wanted_units != found_units:
        differences.append(f"{name}: tiers {dict(found_units)}, labelled {dict(wanted_units)}")
    return Score(
        templates=1,
        right=len(wanted & found),
        false=len(found - wanted),
        missed=len(wanted - found),
        units=wanted_units.total(),
        units_right=(wanted_units & found_units).total(),
        called_compliant=int(bool(wanted) and not said),
        differences=differences,
    )


def _shown(clone: Path, commit: str, name: str) -> bytes:
    command = ["git", "-C", clone, "show", f"{commit}:{name}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _judged(clone: Path, commit: str, name: str) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(name).name
        file.write_bytes(_shown(clone, commit, name))
        return report_of(str(file), Reading())


def reached(texts: Mapping[str, str], folder: str) -> set[str]:
    """Return a folder of Terraform and those of the modules that it calls, however deep.

    Args:
        texts: Every file of the repository by path.
        folder: Where it begins; empty for the root.
    """
    found, waiting = {folder}, [folder]
    while waiting:
        here = waiting.pop()
        for name in (name for name in texts if posixpath.dirname(name) == here):
            for source in _SOURCE.findall(texts[name]):
                called = folder_of(source, here)
                waiting += [called] if called not in found else []
                found.add(called)
    return found


def _judged_code(clone: Path, commit: str, folder: str) -> Report:
    """Judge a configuration with the modules that it calls, and nothing else of its repository."""
    command = ["git", "-C", clone, "ls-tree", "-r", "--name-only", commit]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    texts = {
        name: _shown(clone, commit, name).decode("utf-8")
        for name in listed
        if name.endswith((".tf", ".tfvars"))
    }
    folders = reached(texts, "" if folder == "." else folder)
    with tempfile.TemporaryDirectory() as root:
        for name in (name for name in texts if posixpath.dirname(name) in folders):
            file = Path(root) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(texts[name], encoding="utf-8")
        return report_of(root, Reading())


def _clone(folder: Path, repository: str) -> Path:
    owner, _, name = repository.partition("/")
    for place in (folder / owner / name, folder / f"{owner}+{name}" / "repo"):
        if place.is_dir():
            return place
    sys.exit(f"error: no clone of {repository} below {folder}\n\nhint: git clone it to {folder}/{repository}")


def _measured(folder: Path, path: Path) -> Iterator[tuple[str, Score]]:
    for entry in labels(path):
        repository = str(entry["repository"])
        clone = _clone(folder, repository)
        score = Score()
        for kind, judged in (("templates", _judged), ("configurations", _judged_code)):
            for name, label in entry.get(kind, {}).items():
                report = judged(clone, str(entry["commit"]), str(name))
                score += compared(f"{repository} {name}", label, report)
        yield repository, score


def page(templates: Mapping[str, Score], configurations: Mapping[str, Score]) -> str:
    """Return the page with the figures.

    Args:
        templates: Score of the templates of CloudFormation, by repository.
        configurations: The same of the configurations of Terraform.
    """
    return f"""# How right the audit is

Made by `make accuracy` from `labelled.yaml` and `labelled_terraform.yaml` in `tests/cases`, which name
public templates by repository, commit and path, with labels made by hand from their text. The labels say
what of each breaks a rule with its parameters at their defaults, and on which tier its compute runs. They
were made before the audit was run on these templates; other templates may show what these do not.

## CloudFormation and SAM

{_table("templates", templates)}

## Terraform

Root configurations, read as code in HCL with the modules of their repository, without a plan. Modules from a
registry are out of reach there, and the audit says so.

{_table("configurations", configurations)}
"""


def _table(kind: str, scores: Mapping[str, Score]) -> str:
    total = Score()
    rows = []
    for repository, score in scores.items():
        total += score
        rows.append(_row(repository, score))
    differences = "\n".join(f"- {one}" for one in total.differences) or "None."
    return f"""| {kind} of | {kind} | violations | precision | recall | tiers | called compliant |
|---|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}
{_row("**all**", total)}

Differences:

{differences}"""


def _row(name: str, score: Score) -> str:
    found = score.right + score.false
    cells = (
        *(score.templates, score.labelled, _share(score.right, found), _share(score.right, score.labelled)),
        *(_share(score.units_right, score.units), score.called_compliant),
    )
    return f"| {name} | {' | '.join(str(cell) for cell in cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path, help="folder of clones")
    clones = parser.parse_args().clones
    made = page(dict(_measured(clones, LABELS)), dict(_measured(clones, TERRAFORM)))
    PAGE.write_text(made, encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
