"""The CDK is offered for what has a stack, and refused in words for everything else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES
from toolbox import REPOSITORY

from generator import source

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_STACK = [
    name for name in EXAMPLES if "cdk" not in source.infrastructures(source.root(), "lambda", name)
]


def test_stack_in_the_folder_of_an_event_source_is_what_offers_the_cdk(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "_partials" / "triggers" / "queue"
    folder.mkdir(parents=True)

    before = source.infrastructures(tmp_path, "lambda", "queue")
    (folder / "stack.py").touch()

    assert before == ("sam",)
    assert source.infrastructures(tmp_path, "lambda", "queue") == ("sam", "cdk")


@pytest.mark.parametrize("event_source", WITHOUT_STACK)
def test_event_source_without_a_stack_refuses_the_cdk(tmp_path: Path, event_source: str) -> None:
    done = create(tmp_path / "service", EXAMPLES[event_source])

    assert done.returncode == 2
    assert f"there is no stack for the event source `{event_source}` yet (allowed: sam)" in done.stderr
    assert not (tmp_path / "service").exists()


@pytest.mark.parametrize(
    "asked",
    ["front=function-url", "authorisation=iam", "authorisation=jwt", "cors_origins=https://example.com"],
)
def test_http_refuses_the_cdk_for_what_its_stack_lacks(tmp_path: Path, asked: str) -> None:
    done = create(tmp_path / "service", EXAMPLES["http"], "--data", asked)

    assert done.returncode == 2
    assert "is not what the CDK's stack can do yet (allowed: leave it out; or iac = sam)" in done.stderr
    assert not (tmp_path / "service").exists()


def create(folder: Path, answers: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "generator",
        "create",
        str(folder),
        "--no-git",
        "--answers",
        str(answers),
    ]
    return subprocess.run(
        [*command, "--data", "iac=cdk", *arguments],
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
    )
