"""What is published: a wheel, made from the source distribution, that works alone and without a network."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from toolbox import REPOSITORY, module

from generator import __version__

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution from a copy of the checkout, and the wheel from it."""
    module("build")
    module("hatchling")
    copy = tmp_path_factory.mktemp("checkout") / "new-service"
    ignored = shutil.ignore_patterns(".git", ".*_cache", ".venv", "build", "dist")
    shutil.copytree(REPOSITORY, copy, ignore=ignored)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(copy)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment that borrows only its dependencies from this one."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, env=quiet, timeout=300)
    library = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    (library / "borrowed.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    return folder / "bin" / "new-service"


def run(program: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program without a network where the system can take it away."""
    alone = ["unshare", "--map-root-user", "--net"]
    possible = (
        shutil.which("unshare")
        and subprocess.run([*alone, "true"], check=False, capture_output=True).returncode == 0
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [*(alone if possible else []), str(program), *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_wheel_carries_data_and_templates_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    rendered = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "templates").rglob("*")
        if path.is_file()
    }
    kept = {name for name in rendered if "__pycache__" not in name}

    assert {"generator/policy.toml", "generator/prices.json", "generator/_template/copier.yml"} <= set(names)
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
