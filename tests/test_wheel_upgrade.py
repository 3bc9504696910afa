"""From one published release to the next: create, edit, upgrade, with installed wheels and no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from installation import build_wheel, copy_checkout, install, run
from projects import Project, git

from generator import __version__

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NEXT = "98.0.0"
OVER_NEXT = "99.0.0"
README = "templates/lambda/README.md.jinja"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Release three versions of this checkout without a tag, build each as published, and install them.

    The second changes a template, the third removes a file that the owner may have changed.
    """
    folder = tmp_path_factory.mktemp("releases")
    root = copy_checkout(folder / "checkout")
    git(root, "init", "--quiet", "-b", "main")
    made = {}
    for number, version in enumerate((__version__, NEXT, OVER_NEXT)):
        release(root, version)
        readme = root / README
        if version == NEXT:
            readme.write_text(
                readme.read_text(encoding="utf-8").replace("\n## Start\n", "\n## Begin\n"), encoding="utf-8"
            )
        elif version == OVER_NEXT:
            (root / "templates/lambda/CLAUDE.md").unlink()
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", f"release {version}")
        wheel = build_wheel(root, folder / f"dist-{number}")
        made[version] = install(wheel, folder / f"venv-{number}")
    return made


def release(root: Path, version: str) -> None:
    """Write the version where a release has it, with a date and news for existing services."""
    package = root / "generator" / "__init__.py"
    text = re.sub(r'__version__ = ".*"', f'__version__ = "{version}"', package.read_text(encoding="utf-8"))
    package.write_text(text, encoding="utf-8")
    changelog = root / "CHANGELOG.md"
    opening, _, rest = changelog.read_text(encoding="utf-8").partition("\n## ")
    rest = re.sub(r"^(\d+\.\d+\.\d+) - unreleased", r"\1 - 2026-12-01", rest)
    news = (
        ""
        if version == __version__
        else f"\n## {version} - 2026-12-24\n\n### Existing services\n\n- News of {version}.\n"
    )
    changelog.write_text(f"{opening}{news}\n## {rest}", encoding="utf-8")


@pytest.fixture
def project(programs: dict[str, Path], tmp_path: Path) -> Project:
    run(programs[__version__], "create", "shop", "--defaults", "--no-git", cwd=tmp_path)
    made = Project(folder=tmp_path / "shop", top=tmp_path / "shop")
    git(made.top, "init", "--quiet", "-b", "main")
    made.commit()
    return made


def test_edited_project_follows_over_one_release(programs: dict[str, Path], project: Project) -> None:
    project.append("README.md", "\n## Ours\n")
    project.commit()

    result = run(programs[NEXT], "upgrade", cwd=project.folder)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f".: v{__version__} to v{NEXT}, merged, not committed\n")
    assert f"News        {NEXT}: - News of {NEXT}." in result.stdout
    assert "\n## Begin\n" in project.read("README.md")
    assert project.read("README.md").endswith("\n## Ours\n")
    assert f"_commit: v{NEXT}\n" in project.read(".copier-answers.yml")


def test_two_releases_at_once_are_the_same_as_one_after_the_other(
    programs: dict[str, Path], project: Project
) -> None:
    run(programs[NEXT], "upgrade", cwd=project.folder)
    project.commit()
    run(programs[OVER_NEXT], "upgrade", cwd=project.folder)
    in_steps = project.files()
    git(project.top, "reset", "--quiet", "--hard", "HEAD~1")

    result = run(programs[OVER_NEXT], "upgrade", cwd=project.folder)

    assert result.returncode == 0, result.stderr
    assert project.files() == in_steps
    assert "CLAUDE.md" not in in_steps


def test_file_that_the_owner_changed_and_the_template_dropped_is_kept(
    programs: dict[str, Path], project: Project
) -> None:
    project.append("CLAUDE.md", "Ours.\n")
    project.commit()

    result = run(programs[OVER_NEXT], "upgrade", cwd=project.folder)

    assert result.returncode == 1
    assert "UD CLAUDE.md" in result.stdout
    assert project.read("CLAUDE.md").endswith("Ours.\n")


def test_older_program_does_not_go_back(programs: dict[str, Path], project: Project) -> None:
    run(programs[NEXT], "upgrade", cwd=project.folder)
    project.commit()

    result = run(programs[__version__], "upgrade", cwd=project.folder)

    assert result.returncode == 2
    assert f"hint: install new-service {NEXT} or newer" in result.stderr
    assert project.status() == {}
