"""What is published: a wheel, made from the source distribution, that works alone and without a network."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from installation import build_wheel, copy_checkout, install, run
from toolbox import REPOSITORY

from generator import __version__

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution from a copy of the checkout, and the wheel from it."""
    copy = copy_checkout(tmp_path_factory.mktemp("checkout") / "new-service")
    return build_wheel(copy, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment that borrows only its dependencies from this one."""
    return install(wheel, tmp_path_factory.mktemp("venv"))


def test_wheel_carries_data_and_templates_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    rendered = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "templates").rglob("*")
        if path.is_file()
    }
    kept = {name for name in rendered if "__pycache__" not in name}

    beside = ("policy.toml", "prices.json", "migrations.toml")
    template = ("CHANGELOG.md", "copier.yml", "releases.bundle")
    assert {f"generator/{name}" for name in beside} <= set(names)
    assert {f"generator/_template/{name}" for name in template} <= set(names)
    assert {
        name.removeprefix("generator/_template/") for name in names if "/_template/templates/" in name
    } == kept
    assert not [name for name in names if name.endswith(".pyc") or name.startswith("tests/")]
    assert {name.split("/")[0] for name in names} == {"generator", f"new_service-{__version__}.dist-info"}


def test_installed_program_tells_its_version(program: Path, tmp_path: Path) -> None:
    result = run(program, "--version", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (0, f"new-service {__version__}\n")


def test_installed_program_creates_what_the_checkout_creates(program: Path, tmp_path: Path) -> None:
    words = ("--answers", str(REPOSITORY / "examples" / "http-api.yaml"), "--no-git", "--format", "json")

    installed = run(program, "create", "installed", *words, cwd=tmp_path)
    checkout = subprocess.run(
        [sys.executable, "-m", "generator", "create", str(tmp_path / "checkout"), *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert installed.returncode == 0, installed.stderr
    assert json.loads(installed.stdout)["files"] == json.loads(checkout.stdout)["files"]
    for path in (tmp_path / "checkout").rglob("*"):
        if path.is_file():
            other = tmp_path / "installed" / path.relative_to(tmp_path / "checkout")
            assert (other.read_bytes(), other.stat().st_mode) == (path.read_bytes(), path.stat().st_mode)


def test_published_place_of_the_template_comes_from_the_metadata(program: Path, tmp_path: Path) -> None:
    result = run(program, "create", "orders", "--defaults", "--no-git", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    answers = (tmp_path / "orders" / ".copier-answers.yml").read_text(encoding="utf-8")
    assert f"_commit: v{__version__}\n_src_path: https://new-service.invalid/new-service.git\n" in answers


def test_another_place_of_the_template_can_be_recorded(program: Path, tmp_path: Path) -> None:
    url = "https://git.example.invalid/platform/new-service.git"

    run(program, "create", "orders", "--defaults", "--no-git", "--template-url", url, cwd=tmp_path)

    assert f"_src_path: {url}\n" in (tmp_path / "orders" / ".copier-answers.yml").read_text(encoding="utf-8")
