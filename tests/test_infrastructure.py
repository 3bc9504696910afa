"""The CDK is offered for what has a stack, and refused in words for everything else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from toolbox import REPOSITORY

from generator import infrastructure, source
from generator.errors import AnswersError

if TYPE_CHECKING:
    from pathlib import Path


def test_stack_in_the_folder_of_an_event_source_is_what_offers_the_cdk(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "_partials" / "triggers" / "queue"
    folder.mkdir(parents=True)

    before = source.infrastructures(tmp_path, "queue")
    (folder / "stack.py").touch()

    assert before == ("sam",)
    assert source.infrastructures(tmp_path, "queue") == ("sam", "cdk")


def test_event_source_without_a_stack_refuses_the_cdk() -> None:
    with pytest.raises(AnswersError) as refused:
        infrastructure.check("iac", "cdk", "telegraph", ("sam",))

    assert "there is no stack for the event source `telegraph` yet (allowed: sam)" in str(refused.value)


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
