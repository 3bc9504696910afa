"""Compares the audit with hand-made labels of public templates, and writes precision and recall into a page.

The templates stay where their authors have them: give a folder of clones, `OWNER/NAME` or `OWNER+NAME/repo`
below it, and the files are read from the labelled commits.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from generator.audit.judging import Reading, report_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.audit.engine import Report

__all__ = ["LABELS", "Score", "compared", "labels", "page"]

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "tests" / "cases" / "labelled.yaml"
PAGE = ROOT / "docs" / "accuracy.md"
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


def labels() -> list[dict[str, Any]]:
    """Return the labels, by repository."""
    read: list[dict[str, Any]] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    return read


def compared(name: str, label: Mapping[str, Any], report: Report) -> Score:
    """Return how a report agrees with the label of one template."""
    wanted = set(label.get("violations", ()))
    found = {
        f"{one.code} {one.resource}"
        for one in report.findings
        if one.counts and one.resource and not one.code.startswith(FILE_RULES)
    }
    said = found or any(one.certainty == "unknown" or one.code == "SF003" for one in report.findings)
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


def _judged(clone: Path, commit: str, name: str) -> Report:
    shown = subprocess.run(
        ["git", "-C", clone, "show", f"{commit}:{name}"], check=True, capture_output=True
    ).stdout
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(name).name
        file.write_bytes(shown)
        return report_of(str(file), Reading())


def _clone(folder: Path, repository: str) -> Path:
    owner, _, name = repository.partition("/")
    for place in (folder / owner / name, folder / f"{owner}+{name}" / "repo"):
        if place.is_dir():
            return place
    sys.exit(f"error: no clone of {repository} below {folder}\n\nhint: git clone it to {folder}/{repository}")


def _measured(folder: Path) -> Iterator[tuple[str, Score]]:
    for entry in labels():
        repository = str(entry["repository"])
        clone = _clone(folder, repository)
        score = Score()
        for name, label in entry["templates"].items():
            score += compared(f"{repository} {name}", label, _judged(clone, str(entry["commit"]), str(name)))
        yield repository, score


def page(scores: Mapping[str, Score]) -> str:
    """Return the page with the figures."""
    total = Score()
    rows = []
    for repository, score in scores.items():
        total += score
        rows.append(_row(repository, score))
    differences = "\n".join(f"- {one}" for one in total.differences) or "None."
    return f"""# How right the audit is

Made by `make accuracy` from `tests/cases/labelled.yaml`, which names public templates by repository, commit
and path, with labels made by hand from their text. The labels say what of each breaks a rule with its
parameters at their defaults, and on which tier its compute runs. They were made before the audit was run on
these templates; other templates may show what these do not.

| templates of | templates | violations | precision | recall | tiers | called compliant |
|---|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}
{_row("**all**", total)}

## Differences

{differences}
"""


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
    made = page(dict(_measured(parser.parse_args().clones)))
    PAGE.write_text(made, encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
