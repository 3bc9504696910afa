"""Releases are unpacked as they were published, wherever they are found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from projects import FIRST, FIRST_BUNDLE, git, templates_in
from toolbox import REPOSITORY

from generator import source
from generator.upgrade.templates import Templates

if TYPE_CHECKING:
    from pathlib import Path

FIND = (
    "import pathlib, sys; from generator import source; from generator.upgrade.templates import Templates; "
    f"print(Templates(scratch=pathlib.Path(sys.argv[1])).at({FIRST!r}, source.template_url()).root)"
)


def contents(folder: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The first release as git itself checks it out."""
    folder = tmp_path / "published"
    git(tmp_path, "init", "--quiet", str(folder))
    git(folder, "fetch", "--quiet", str(FIRST_BUNDLE), f"refs/tags/{FIRST}:refs/tags/{FIRST}")
    git(folder, "checkout", "--quiet", FIRST)
    return folder


@pytest.mark.parametrize("settings", ["core.autocrlf=true", "core.eol=crlf", "core.fileMode=false"])
def test_release_from_the_bundle_is_what_was_published(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    key, _, value = settings.partition("=")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", key)
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", value)

    found = templates_in(tmp_path).at(FIRST, source.template_url())

    assert contents(found.root) == contents(published)


@pytest.mark.parametrize("kind", ["clone", "linked work tree"])
def test_release_from_the_history_of_a_checkout_is_what_was_published(
    published: Path, tmp_path: Path, kind: str
) -> None:
    expected = contents(published)
    git(published, "config", "core.autocrlf", "true")
    git(published, "checkout", "--quiet", "-b", "main")
    (published / ".gitignore").write_text("__pycache__\n", encoding="utf-8")
    shutil.copytree(REPOSITORY / "generator", published / "generator")
    shutil.copy(REPOSITORY / "pyproject.toml", published)
    (published / "copier.yml").write_text("tier: lambda\n", encoding="utf-8")
    git(published, "add", "--all")
    git(published, "commit", "--quiet", "--message", "later")
    checkout = published
    if kind == "linked work tree":
        checkout = tmp_path / "linked"
        git(published, "worktree", "add", "--quiet", str(checkout))
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    done = subprocess.run(
        [sys.executable, "-c", FIND, str(scratch)],
        env={**os.environ, "PYTHONPATH": str(checkout)},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert contents(scratch / done.stdout.strip()) == expected
    assert git(checkout, "status", "--porcelain") == ""


def test_link_in_a_release_is_no_way_out_of_its_folder(tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    (fork / "templates").mkdir(parents=True)
    (fork / "copier.yml").write_text("tier: lambda\n", encoding="utf-8")
    (fork / "templates" / "lambda").symlink_to("/etc")
    git(fork, "init", "--quiet")
    git(fork, "add", "--all")
    git(fork, "commit", "--quiet", "--message", "link")
    git(fork, "tag", FIRST)
    bundle = tmp_path / "fork.bundle"
    git(fork, "bundle", "create", "--quiet", str(bundle), FIRST)

    found = Templates(scratch=tmp_path, bundle=bundle).at(FIRST, source.template_url())

    assert not (found.root / "templates" / "lambda").is_symlink()
