"""Renovate finds the template of a rendered repository, and a newer release of it.

`NEW_SERVICE_RENOVATE` names the program for the look-up itself: `npm install renovate@39` runs on Node 20.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from projects import FIRST, FIRST_BUNDLE, Project, Workshop, git

from generator import releases, source

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = os.environ.get("NEW_SERVICE_RENOVATE", "")
NEWER = "v0.0.9"

ANSWERS_FILES = re.compile(r"(^|/)\.copier-answers(\..+)?\.ya?ml")
"""What Renovate's Copier manager reads unless it is told otherwise."""


def test_answers_file_tells_renovate_what_it_asks_for(project: Project) -> None:
    (answers,) = [name for name in project.files() if ANSWERS_FILES.search(name)]
    stored = yaml.safe_load(project.read(answers))

    # An address that git can fetch from as it stands, and a tag that is a version.
    assert re.fullmatch(r"https://[^@]+\.git|git@[^:]+:.+\.git", stored["_src_path"])
    assert releases.key(stored["_commit"])


def test_template_is_raised_on_its_own_and_merged_by_a_person(project: Project) -> None:
    settings = json.loads(project.read("renovate.json"))

    assert "enabledManagers" not in settings
    assert [rule for rule in settings["packageRules"] if rule.get("matchManagers") == ["copier"]] == [
        {
            "description": "The template itself: the decision is taken again under its newer policy",
            "matchManagers": ["copier"],
            "groupName": "service template",
            "automerge": False,
        }
    ]


@pytest.mark.slow
@pytest.mark.skipif(not PROGRAM, reason="NEW_SERVICE_RENOVATE names no program")
def test_renovate_finds_the_newer_release(workshop: Workshop, project: Project) -> None:
    published = workshop.folder / "published"
    git(workshop.folder, "init", "--quiet", "--bare", str(published))
    git(published, "fetch", "--quiet", str(FIRST_BUNDLE), f"refs/tags/{FIRST}:refs/tags/{FIRST}")
    git(published, "tag", NEWER, FIRST)
    # Renovate before 40, the last for Node 20, calls this otherwise; it does not concern the template.
    settings = json.loads(project.read("renovate.json"))
    del settings["customManagers"]
    project.write("renovate.json", json.dumps(settings))
    project.commit()

    found = looked_up(project, published, workshop.folder / "renovate")

    (dependency,) = found["copier"][0]["deps"]
    assert dependency["packageName"] == source.template_url()
    assert (dependency["datasource"], dependency["currentValue"]) == ("git-tags", FIRST)
    (update,) = dependency["updates"]
    assert (update["newValue"], update["branchName"]) == (NEWER, "renovate/service-template")


def looked_up(project: Project, published: Path, scratch: Path) -> Mapping[str, Any]:
    """Return what Renovate's Copier manager finds, with the template's place on this machine."""
    settings = {
        "RENOVATE_PLATFORM": "local",
        "RENOVATE_DRY_RUN": "lookup",
        "RENOVATE_ENABLED_MANAGERS": '["copier"]',
        "RENOVATE_BASE_DIR": str(scratch),
        "LOG_LEVEL": "debug",
        "LOG_FORMAT": "json",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{published}.insteadOf",
        "GIT_CONFIG_VALUE_0": source.template_url(),
    }
    done = subprocess.run(
        [str(Path(PROGRAM).resolve())],
        cwd=project.folder,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    told = [line["config"] for line in lines if line["msg"] == "packageFiles with updates"]
    assert told, [line["msg"] for line in lines if line["level"] >= 30]
    return told[0]
