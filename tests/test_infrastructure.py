"""The CDK is offered for what has a stack, and refused in words for everything else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rendering import TASKS
from toolbox import REPOSITORY

from generator import infrastructure, source
from generator.errors import AnswersError

if TYPE_CHECKING:
    from pathlib import Path


def test_stack_in_the_folder_of_an_event_source_is_what_offers_the_cdk(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "_partials" / "triggers" / "queue"
    folder.mkdir(parents=True)

    before = source.infrastructures(tmp_path, "lambda", "queue")
    (folder / "stack.py").touch()

    assert before == ("sam",)
    assert source.infrastructures(tmp_path, "lambda", "queue") == ("sam", "cdk")


def test_event_source_without_a_stack_refuses_the_cdk() -> None:
    with pytest.raises(AnswersError) as refused:
        infrastructure.check("iac", "cdk", tier="lambda", event_source="telegraph", offered=("sam",))

    assert "there is no CDK stack for the event source `telegraph` yet (allowed: sam)" in str(refused.value)


def test_a_task_refuses_sam(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "generator", "create", str(tmp_path / "service"), "--no-git"]

    done = subprocess.run(
        [*command, "--answers", str(TASKS["job"]), "--data", "iac=sam"],
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "there is no SAM stack for the tier `fargate-task` (allowed: cdk)" in done.stderr
    assert not (tmp_path / "service").exists()
