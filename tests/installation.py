"""Builds what is published, installs it, and runs it without a network."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from toolbox import REPOSITORY, module, tool

__all__ = ["break_policy", "build_wheel", "copy_checkout", "install", "run"]


def copy_checkout(folder: Path) -> Path:
    """Copy the checkout without its history."""
    ignored = shutil.ignore_patterns(".git", ".*_cache", ".hypothesis", ".venv", "build", "dist", "golden")
    return shutil.copytree(REPOSITORY, folder, ignore=ignored)


def break_policy(checkout: Path) -> Path:
    """Put a machine that is always on into what a checkout renders for Lambda."""
    template = checkout / "templates" / "lambda" / "template.yaml.jinja"
    text = template.read_text(encoding="utf-8")
    machine = (
        "Resources:\n  Machine:\n    Type: AWS::EC2::Instance\n    Properties: {InstanceType: t3.micro}\n"
    )
    assert text.count("\nResources:\n") == 1
    template.write_text(text.replace("Resources:\n", machine), encoding="utf-8")
    return checkout


def build_wheel(checkout: Path, out: Path) -> Path:
    """Build the source distribution of a checkout, and the wheel from it."""
    module("build")
    module("hatchling")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(checkout)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a new environment that borrows only its dependencies, and return the program."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    # A pip of its own takes longer to install than all the rest.
    command = [tool("uv"), "pip", "install", "--quiet", "--python", str(python), "--no-deps", "--no-index"]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True, timeout=300)
    library = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    (Path(library) / "borrowed.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
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
        timeout=300,
    )
