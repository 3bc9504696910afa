"""`upgrade` and `adopt` as people and pipelines call them; killed at any moment; beside plain Copier."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from installation import break_policy, copy_checkout
from projects import FIRST, Project, Workshop, git
from toolbox import REPOSITORY

from generator import releases, source
from generator.upgrade.templates import OWN_TAG

if TYPE_CHECKING:
    from pathlib import Path

TO_QUEUE = ("--data", "trigger=event", "--data", "event_kind=queue")
EXAMPLE = str(REPOSITORY / "examples" / "http-api.yaml")


@pytest.fixture
def project(kept_of_this_release: Path, tmp_path: Path) -> Project:
    folder = shutil.copytree(kept_of_this_release, tmp_path / "shop")
    return Project(folder=folder, top=folder)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", **more}


def run(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *words],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def test_folder_one_stands_in_is_upgraded(project: Project) -> None:
    result = run("upgrade", cwd=project.folder)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == f".: {OWN_TAG}, nothing to do"


def test_conflicts_are_told_with_commands_that_resolve_them(project: Project) -> None:
    project.append("src/shipping_quotes/handlers/http.py", "\nOURS = 1\n")
    project.commit()

    result = run("upgrade", *TO_QUEUE, cwd=project.folder)

    assert result.returncode == 1
    command = "git rm -- src/shipping_quotes/handlers/http.py"
    assert f"{command}  (let it go)" in result.stdout
    git(project.folder, *command.split()[1:])
    project.commit()
    assert project.status() == {}
    assert run("upgrade", cwd=project.folder).returncode == 0


def test_merge_ends_with_the_audit_of_the_project(project: Project) -> None:
    result = run("upgrade", *TO_QUEUE, "--format", "json", cwd=project.folder)

    [made] = json.loads(result.stdout)["projects"]
    assert (result.returncode, made["state"]) == (0, "merged")
    assert (made["audit"]["templates"], made["audit"]["errors"]) == (1, 0)


def test_project_that_breaks_the_policy_after_a_merge_is_told(project: Project) -> None:
    project.write(
        "host.yaml",
        "Resources:\n  Host:\n    Type: AWS::EC2::Instance\n    Properties: {InstanceType: t3.micro}\n",
    )
    project.commit()

    result = run("upgrade", *TO_QUEUE, cwd=project.folder)

    assert (result.returncode, result.stderr) == (1, "")
    assert "\nAudit       - 2 violations, 0 warnings; 2 templates judged." in result.stdout
    assert "- error SF101 host.yaml:2: Host runs on EC2" in " ".join(result.stdout.split())
    assert project.status()["template.yaml"] == "M "


def test_render_that_breaks_the_policy_is_never_merged(project: Project, tmp_path: Path) -> None:
    program = break_policy(copy_checkout(tmp_path / "program"))

    result = run("upgrade", *TO_QUEUE, cwd=project.folder, PYTHONPATH=str(program))

    assert (result.returncode, result.stdout) == (3, "")
    assert "violations of the policy in what was rendered" in result.stderr
    assert project.status() == {}


def test_many_projects_end_in_one_table_and_what_failed_stops_nothing(
    project: Project, tmp_path: Path
) -> None:
    other = Project(folder=shutil.copytree(project.folder, tmp_path / "other"), top=tmp_path / "other")
    other.append("README.md", "not committed\n")

    result = run("upgrade", "shop", "other", "nowhere", *TO_QUEUE, cwd=tmp_path)

    lines = result.stdout.splitlines()
    assert result.returncode == 2
    assert [line.split()[0] for line in lines] == ["project", "shop", "other", "nowhere"]
    assert lines[1].endswith("merged, not committed")
    assert "there are changes that are not committed" in lines[2]
    assert "nowhere is no folder" in result.stderr
    assert project.status()["template.yaml"] == "M "


def test_projects_of_one_repository_are_all_upgraded(unpacked: Workshop, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        unpacked.render(tmp_path / name)
    git(tmp_path, "init", "--quiet", "-b", "main")
    Project(folder=tmp_path, top=tmp_path).commit()

    result = run("upgrade", "one", "two", *TO_QUEUE, "--format", "json", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert [made["state"] for made in json.loads(result.stdout)["projects"]] == ["merged", "merged"]
    folders = {path.split("/")[0] for path in Project(folder=tmp_path, top=tmp_path).status()}
    assert folders == {"one", "two"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--check", "--commit"), "--check changes nothing"),
        (("--dry-run", "--branch", "x"), "--dry-run changes nothing"),
        (("--data", "vcpu=many"), "vcpu = many"),
        (("--data", "longest_rum_s=1"), "did you mean `longest_run_s`?"),
        (("nowhere",), "nowhere is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_one_error(project: Project, words: tuple[str, ...], message: str) -> None:
    result = run("upgrade", *words, cwd=project.folder)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert project.status() == {}


@pytest.mark.slow
def test_plain_copier_makes_the_same_tree_without_trust(unpacked: Workshop, tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = unpacked.templates.at(FIRST, source.template_url()).root
    for tag, root in ((FIRST, first), (OWN_TAG, source.root())):
        shutil.rmtree(published / "templates", ignore_errors=True)
        for part in releases.PARTS:
            copy = shutil.copytree if (root / part).is_dir() else shutil.copy
            published.mkdir(exist_ok=True)
            copy(root / part, published / part)
        if tag == FIRST:
            git(published, "init", "--quiet", "-b", "main")
        Project(folder=published, top=published).commit(tag)
        git(published, "tag", tag)
    ours = Workshop(folder=tmp_path, templates=unpacked.templates).project("ours")
    ours.append("README.md", "\n## Ours\n")
    ours.write("src/shipping_quotes/own.py", "OWN = 1\n")
    ours.commit()
    theirs = Project(folder=shutil.copytree(ours.folder, tmp_path / "theirs"), top=tmp_path / "theirs")
    url = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{published}.insteadOf",
        "GIT_CONFIG_VALUE_0": source.template_url(),
        "COPIER_CACHE_DIR": str(tmp_path / "cache"),
    }

    report = unpacked.upgrade(ours)
    subprocess.run(
        [
            *(sys.executable, "-m", "copier", "update", "--skip-answered", "--defaults"),
            *("--answers-file", ".copier-answers.yml", "--vcs-ref", OWN_TAG),
        ],
        cwd=theirs.folder,
        env=environment(**url),
        check=True,
        capture_output=True,
        timeout=300,
    )

    assert report.conflicts == ()
    assert theirs.files() == ours.files()


def test_adopted_repository_gets_what_it_lacks_and_keeps_what_it_has(tmp_path: Path) -> None:
    top = tmp_path / "legacy"
    top.mkdir()
    legacy = Project(folder=top, top=top)
    legacy.write("README.md", "# Legacy\n")
    legacy.write("src/legacy/main.py", "print(1)\n")
    git(top, "init", "--quiet", "-b", "main")
    legacy.commit()
    words = ("adopt", ".", "--answers", EXAMPLE, "--data", "project_name=legacy")

    preview = run(*words, "--dry-run", cwd=top)
    before = legacy.status()
    result = run(*words, "--format", "json", cwd=top)

    assert (preview.returncode, before) == (1, {})
    assert "AA README.md: you and the template each have a file of this name" in preview.stdout
    made = json.loads(result.stdout)
    assert (result.returncode, made["state"]) == (1, "merged")
    assert [conflict["path"] for conflict in made["conflicts"]] == ["README.md"]
    assert legacy.read("README.md") == "# Legacy\n"
    assert legacy.read("src/legacy/main.py") == "print(1)\n"
    assert legacy.status()["README.md"] == "AA"
    assert legacy.status()["template.yaml"] == "A "
    git(top, "add", "README.md")
    legacy.commit()
    assert run("upgrade", cwd=top).stdout.startswith(f".: {OWN_TAG}, nothing to do")


def test_adopting_without_anything_in_the_way_can_be_committed_on_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "-b", "main")
    git(tmp_path, "config", "user.name", "Owner")
    git(tmp_path, "config", "user.email", "owner@example.invalid")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "one.txt").write_text("1\n", encoding="utf-8")
    repository = Project(folder=tmp_path, top=tmp_path)
    repository.commit()

    result = run("adopt", ".", "--answers", EXAMPLE, "--commit", "--branch", "adopt", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert repository.status() == {}
    assert git(tmp_path, "branch", "--show-current").strip() == "adopt"
    assert git(tmp_path, "diff", "--name-status", "--diff-filter=a", "main", "adopt") == ""


def test_repository_that_was_made_from_a_template_is_upgraded_rather_than_adopted(project: Project) -> None:
    result = run("adopt", ".", "--answers", EXAMPLE, cwd=project.folder)

    assert result.returncode == 2
    assert "was made from a template already" in result.stderr
    assert "hint: new-service upgrade" in result.stderr
