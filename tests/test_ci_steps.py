"""The steps of the rendered CI files are run, not only read.

What GitHub verifies by act, a runner without GitHub; one small action stands in for all published ones.
GitHub's deployment and all of GitLab's line by line in the shell that a runner uses, with a `make` that
remembers what it was asked.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from rendering import render_example
from toolbox import REPOSITORY, search_path, tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

VERBS = ["setup", "check", "test", "build", "audit"]
CONFLICT = "<<<<<<< before\nours\n=======\ntheirs\n>>>>>>> after\n"
STAND_IN = """\
name: stand-in
description: Stands in for published actions; refuses to upload what is not there
inputs:
  path: { default: . }
runs:
  using: composite
  steps:
    - run: test -s "${{ inputs.path }}"
      shell: bash
"""
CHOSEN = "${{ inputs.environment || 'dev' }}"
IDENTITY = "header.claims.signature"
# The runner of GitLab puts before_script and script into one shell with these options.
SHELL = ["bash", "-eo", "pipefail", "-c"]
IGNORED = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[str], Path]:
    """Render the example for a CI provider, as the first commit of a repository of its own."""

    def make(ci: str) -> Path:
        folder = tmp_path / "service"
        render_example(folder, {"ci": ci})
        git(folder, "init", "--quiet", "--initial-branch=main")
        commit(folder)
        return folder

    return make


def test_every_step_of_github_succeeds_up_to_the_upload_of_the_package(
    repository: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = repository("github")

    results, words = run_workflow(folder, tmp_path)

    assert [results.get(f"make {verb}") for verb in VERBS] == ["success"] * len(VERBS), words
    assert set(results.values()) == {"success"}, words
    assert any(step.startswith("actions/upload-artifact@") for step in results)
    assert results["Show what the audit finds beside the lines"] == "success"


def test_a_conflict_marker_ends_githubs_job_before_anything_is_built(
    repository: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = repository("github")
    (folder / "README.md").write_text(CONFLICT, encoding="utf-8")
    commit(folder)

    results, words = run_workflow(folder, tmp_path)

    [refused] = [step for step, result in results.items() if result == "failure"]
    assert refused.startswith("Refuse conflict markers"), words
    assert "README.md:1:<<<<<<< before" in words
    assert not {f"make {verb}" for verb in VERBS} & results.keys()


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_github_deploys_what_was_built_with_the_role_of_the_environment(
    repository: Callable[[str], Path], tmp_path: Path, environment: str
) -> None:
    workflow = repository("github") / ".github" / "workflows" / "deploy.yml"
    job = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]["deploy"]
    lines = [step["run"] for step in job["steps"] if "run" in step]
    [variables] = [step["env"] for step in job["steps"] if "env" in step]
    chosen = {name: text.replace(CHOSEN, environment) for name, text in variables.items()}

    status, asked = run_script(tmp_path, lines, **chosen)

    assert (status, asked) == (0, ["setup", f"deploy ENV={environment}"])
    assert (job["needs"], job["environment"], job["permissions"]["id-token"]) == ("verify", CHOSEN, "write")
    assert "${{" not in "".join(lines), "what GitHub writes into a shell, an attacker can"
    [role] = [step["with"] for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    assert role["role-to-assume"] == "${{ vars.AWS_ROLE_ARN }}"


def test_gitlab_asks_for_the_same_verbs(repository: Callable[[str], Path], tmp_path: Path) -> None:
    job = pipeline(repository("gitlab"))["verify"]

    status, asked = run_script(tmp_path, job["script"])

    assert (status, asked) == (0, VERBS)
    assert job["artifacts"]["paths"] == ["dist/function.zip", "dist/audit.sarif"]


def test_a_conflict_marker_ends_gitlabs_job_before_anything_is_built(
    repository: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = repository("gitlab")
    (folder / "README.md").write_text(CONFLICT, encoding="utf-8")
    commit(folder)

    status, asked = run_script(tmp_path, pipeline(folder)["verify"]["script"])

    assert (status, asked) == (1, [])


def test_a_search_for_conflict_markers_that_cannot_search_is_no_pass(
    repository: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = repository("gitlab")
    (folder / ".git").rename(tmp_path / "elsewhere")

    status, asked = run_script(tmp_path, pipeline(folder)["verify"]["script"])

    assert (status, asked) == (1, [])


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_gitlab_deploys_what_was_built_with_the_role_of_the_environment(
    repository: Callable[[str], Path], tmp_path: Path, environment: str
) -> None:
    jobs = pipeline(repository("gitlab"))
    job = jobs[".deploy"] | jobs[f"deploy-{environment}"]

    status, asked = run_script(
        tmp_path,
        [*job["script"], 'cat "$AWS_WEB_IDENTITY_TOKEN_FILE" > ../token'],
        AWS_ID_TOKEN=IDENTITY,
        CI_ENVIRONMENT_NAME=job["environment"]["name"],
    )

    assert (status, asked) == (0, ["setup", f"deploy ENV={environment}"])
    assert (tmp_path / "token").read_text(encoding="utf-8") == IDENTITY
    assert job["needs"] == ["verify"]
    assert "aud" in job["id_tokens"]["AWS_ID_TOKEN"]


def test_gitlab_deploys_from_the_named_project_alone_and_beyond_dev_by_hand(
    repository: Callable[[str], Path],
) -> None:
    jobs = pipeline(repository("gitlab"))

    rules = {name: job["rules"] for name, job in jobs.items() if name.startswith("deploy-")}
    conditions = {rule["if"] for job in rules.values() for rule in job}
    assert {name: [rule.get("when") for rule in job] for name, job in rules.items()} == {
        "deploy-dev": [None],
        "deploy-staging": ["manual"],
        "deploy-prod": ["manual"],
    }
    [condition] = conditions
    assert re.split(r" && ", condition) == [
        '$CI_PIPELINE_SOURCE != "merge_request_event"',
        '$CI_COMMIT_REF_PROTECTED == "true"',
        "$CI_PROJECT_PATH == $DEPLOY_FROM",
    ]


def run_workflow(folder: Path, scratch: Path) -> tuple[dict[str, str], str]:
    """Run the verifying workflow of GitHub; return each main step's result, and everything that was said."""
    path = folder / ".github" / "workflows" / "ci.yml"
    used = re.findall(r"uses: ([^/\s]+/[^/\s@]+)(/\S+)?@([0-9a-f]{40})", path.read_text(encoding="utf-8"))
    actions = sorted({f"{owner_and_name}@{commit}" for owner_and_name, _, commit in used})
    stand_in = scratch / "stand-in"
    for below_repository in {below.strip("/") for _, below, _ in used}:
        place = stand_in / below_repository
        place.mkdir(parents=True, exist_ok=True)
        (place / "action.yml").write_text(STAND_IN, encoding="utf-8")
    uv_cache = subprocess.run([tool("uv"), "cache", "dir"], check=True, capture_output=True, text=True).stdout
    # act keeps its copy of the repository in the cache folder; uv keeps its own.
    program = f"NEW_SERVICE=env PYTHONPATH={REPOSITORY} {sys.executable} -m generator"
    environment = own_environment() | {
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "UV_CACHE_DIR": uv_cache.strip(),
    }
    done = subprocess.run(
        [
            *[tool("act"), "pull_request", "--workflows", path, "--json", "--action-offline-mode"],
            *["--platform", "ubuntu-24.04=-self-hosted", "--env", f"UV_CACHE_DIR={uv_cache.strip()}"],
            *["--env", "TERM=dumb", "--env", program],
            *[part for action in actions for part in ("--local-repository", f"{action}={stand_in}")],
        ],
        cwd=folder,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    results = {
        line["step"]: line["stepResult"]
        for line in lines
        if line.get("stage") == "Main" and line.get("stepResult")
    }
    assert (done.returncode == 0) == (set(results.values()) == {"success"})
    return results, "".join(line["msg"] for line in lines if line.get("raw_output"))


def run_script(scratch: Path, lines: list[str], **variables: str) -> tuple[int, list[str]]:
    """Run the lines of a job; return their status, and what `make` was asked for."""
    asked = scratch / "asked"
    asked.touch()
    program = scratch / "bin" / "make"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*" >> {asked}\n', encoding="utf-8")
    program.chmod(0o755)
    environment = own_environment() | {"TMPDIR": str(scratch), **variables}
    environment["PATH"] = os.pathsep.join([str(program.parent), environment["PATH"]])
    # GIT_CEILING_DIRECTORIES keeps git from a repository that the temporary folder may stand in.
    environment["GIT_CEILING_DIRECTORIES"] = str(scratch)
    done = subprocess.run([*SHELL, "\n".join(lines)], cwd=scratch / "service", env=environment, check=False)
    return done.returncode, asked.read_text(encoding="utf-8").splitlines()


def pipeline(repository: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((repository / ".gitlab-ci.yml").read_text(encoding="utf-8")))


def own_environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in IGNORED}
    return kept | {"PATH": search_path()}


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", "all")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL)
