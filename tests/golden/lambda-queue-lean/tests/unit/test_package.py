"""Budgets of the deployed package: what is in it, how large it is, what a start must load."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from environment import LAMBDA, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
HANDLER = "parcel_surcharges.handlers.queue"

# Raise a budget deliberately, with the reason in the commit: every cold start pays for it.
MAX_ZIP_BYTES = 2_500_000
MAX_MODULES_AT_INIT = 210
# Each of them costs one to six bare starts. Import what a rare path needs inside the function that needs it.
FORBIDDEN_AT_INIT = {"asyncio", "aws_xray_sdk", "boto3", "botocore.session", "pydantic", "requests"}

ELF_MACHINES = {"arm64": 0xB7, "x86_64": 0x3E}
UNCHECKED_HASH = 0b01


@pytest.fixture(scope="module")
def modules_at_init(host_task: Path, runtime_libraries: Path) -> set[str]:
    """What one start of the package imports, in an interpreter that has nothing but it and Lambda's libraries."""
    path = [str(host_task), str(runtime_libraries)]
    program = f"import sys; before = set(sys.modules); sys.path[:0] = {path!r}; import {HANDLER}; "
    program += "import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    command = [sys.executable, "-S", "-E", "-c", program]
    found = subprocess.run(command, env={**LAMBDA, **VARIABLES}, check=True, capture_output=True, text=True)
    return set(json.loads(found.stdout))


def test_a_start_loads_no_more_modules_than_the_budget(modules_at_init: set[str]) -> None:
    assert len(modules_at_init) <= MAX_MODULES_AT_INIT, sorted(modules_at_init)


def test_a_start_loads_nothing_heavy(modules_at_init: set[str]) -> None:
    heavy = FORBIDDEN_AT_INIT & modules_at_init

    assert not heavy, f"{sorted(heavy)} would be loaded by every cold start"


def test_the_package_is_small(package: Path) -> None:
    assert package.stat().st_size <= MAX_ZIP_BYTES


def test_the_same_sources_give_the_same_bytes(package: Path, build: Callable[..., Path]) -> None:
    again = build()

    assert _sha256(again) == _sha256(package)


def test_every_module_has_bytecode_that_is_valid_and_never_checked(package: Path) -> None:
    tag = sys.implementation.cache_tag
    with zipfile.ZipFile(package) as archive:
        for name in [name for name in archive.namelist() if name.endswith(".py")]:
            path = PurePosixPath(name)
            bytecode = archive.read(str(path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"))
            assert bytecode[:4] == importlib.util.MAGIC_NUMBER, f"{name}: bytecode of another Python"
            assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH, f"{name}: bytecode is checked at start"
            assert bytecode[8:16] == importlib.util.source_hash(archive.read(name)), f"{name}: bytecode of other source"


def test_the_package_fits_the_function_that_runs_it(package: Path) -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    [architecture] = re.findall(r"Architectures: \[(\w+)\]", template)
    [runtime] = re.findall(r"Runtime: python(\S+)", template)

    with zipfile.ZipFile(package) as archive:
        libraries = {name: archive.read(name)[18:20] for name in archive.namelist() if name.endswith(".so")}

    assert runtime == (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert runtime == ".".join(map(str, sys.version_info[:2]))
    assert libraries, "msgspec brings a compiled module; without one this test shows nothing"
    assert {int.from_bytes(machine, "little") for machine in libraries.values()} == {ELF_MACHINES[architecture]}


def test_nothing_but_the_service_and_its_locked_dependencies_is_packaged(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        top = {PurePosixPath(name).parts[0] for name in archive.namelist()}

    assert "parcel_surcharges" in top
    assert not top & {"bin", "boto3", "botocore", "pytest", "tests"}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
