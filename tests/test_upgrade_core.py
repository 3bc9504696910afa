"""The parts of an upgrade that turn values into values."""

from __future__ import annotations

import itertools
import subprocess
from typing import TYPE_CHECKING

import pytest
from projects import git
from toolbox import REPOSITORY

from generator import policy
from generator.upgrade import changelog, changes, guide, objects
from generator.upgrade.changes import Dropped
from generator.upgrade.verdict import Place

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = """# Changelog

## 0.3.0 - unreleased

### Generator

- Faster.

### Existing services

- The alarm has another name.

## 0.2.0 - 2026-02-02

### Generator

- Nothing.

## 0.1.0 - 2026-01-01

### Existing services

- Nothing: this is the first release.
"""

RULES = policy.load()
PLACES = [
    *(
        Place(tier=tier, variant=variant, event_source=name)
        for tier, variant in (
            ("lambda", "function"),
            ("fargate-task", "on-demand"),
            ("fargate-service", "queue-worker"),
        )
        for name, event_source in RULES.event_sources.items()
        if tier in event_source.tiers
    ),
    *(Place(tier=tier.name, variant="on-demand", event_source="") for tier in RULES.tiers[2:]),
]


def test_news_are_those_of_the_releases_between() -> None:
    found = changelog.between(CHANGELOG, (0, 1, 0), (0, 3, 0))

    assert [(entry.version, entry.text) for entry in found] == [("0.3.0", "- The alarm has another name.")]


def test_release_one_comes_from_is_no_news() -> None:
    assert changelog.between(CHANGELOG, (0, 3, 0), (0, 3, 0)) == ()


def test_first_release_is_news_to_what_came_before() -> None:
    found = changelog.between(CHANGELOG, (0, 0, 1), (0, 1, 0))

    assert [entry.version for entry in found] == ["0.1.0"]


def test_own_change_log_can_be_read() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")

    assert changelog.between(text, (0, 0, 0), (99, 0, 0))[-1].version == "0.1.0"


def test_every_difference_of_answers_is_told_once() -> None:
    before = {"kept": 1, "changed": 1, "gone": True, "empty": None, "refused": "x"}
    after = {"kept": 1, "changed": 2, "refused": "default", "new": False}

    found = changes.compare(before, after, [Dropped(key="refused", value="x", why="it is not a choice")])

    assert [str(change) for change in found] == [
        "changed = 2 (was 1)",
        "gone = yes: it is no longer asked",
        "new = no (a new question; this is its default)",
        "refused = x: it is not a choice; now default",
    ]


@pytest.mark.parametrize(
    ("before", "after"), [*itertools.permutations(PLACES, 2)], ids=lambda place: place.name
)
def test_every_pair_of_places_has_a_guide(before: Place, after: Place) -> None:
    labels = {tier.name: tier.label for tier in RULES.tiers}

    text = guide.guide(before, after, labels)

    assert text.startswith(f"# Moving from {labels[before.tier]} ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## What is in flight",
        "## Cut-over, in this order",
        "## Roll-back",
    ]
    assert "{" not in text
    assert sum(line[:2] in {f"{number}." for number in range(1, 8)} for line in text.splitlines()) == 7


def test_no_text_of_the_guides_is_for_a_place_that_does_not_exist() -> None:
    import tomllib

    texts = tomllib.loads(guide.PACKAGED.read_text(encoding="utf-8"))
    known = {place.name for place in PLACES} | {tier.name for tier in RULES.tiers}

    assert {*texts["leaving"], *texts["arriving"]} <= known


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_trees_are_named_and_sorted_as_git_does(tmp_path: Path, algorithm: str) -> None:
    names = ("a.txt", "a/b", "a0", "a-b/c/d", "lib.rs", "lib/x", "ümlaut")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "a0").chmod(0o755)
    git(tmp_path, "init", "--quiet", f"--object-format={algorithm}")
    git(tmp_path, "add", "--all")
    expected = git(tmp_path, "write-tree").strip()
    listing = subprocess.run(
        ["git", "ls-tree", "-r", "-z", expected], cwd=tmp_path, capture_output=True, check=True
    ).stdout

    root = objects.tree_bodies(objects.parse_listing(listing), algorithm)[-1]

    assert objects.name_of("tree", root, algorithm) == expected


def test_every_tier_with_templates_numbers_its_decision_record() -> None:
    # A move leaves the superseded record at its number, and a fixed name would overwrite it.
    folders = (REPOSITORY / "templates").iterdir()
    tiers = [
        folder for folder in folders if folder.is_dir() and folder.name[:1] != "_" and any(folder.iterdir())
    ]

    assert [tier.name for tier in tiers if not (tier / "docs/adr/{{ record_file }}.jinja").is_file()] == []
