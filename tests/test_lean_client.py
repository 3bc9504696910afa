"""The client of its own: where it is offered, where it is refused, and what its rendered tests notice."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from environments import set_up
from jinja2.sandbox import SandboxedEnvironment
from rendering import EXAMPLES, TASKS, render_example
from toolbox import REPOSITORY

from generator import source

if TYPE_CHECKING:
    from pathlib import Path

OFFERED = [name for name in EXAMPLES if "lean" in source.aws_clients(source.root(), "lambda", name)]
NO_SHRINKING = {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests" / "plugins")}
OWN_FILES = {
    "aws.py": "src/parcel_surcharges/aws.py",
    "idempotency.py": "src/parcel_surcharges/idempotency.py",
}
# What is broken, and the rendered test that must notice.
BROKEN = {
    "unsigned token": (
        "aws.py",
        'signed["x-amz-security-token"]',
        'headers["x-amz-security-token"]',
        "signature",
    ),
    "other region": ("aws.py", "/{region}/{service}/", "/us-east-1/{service}/", "signature"),
    "untrimmed header": ("aws.py", "' '.join(signed[name].split())", "signed[name]", "signature"),
    "no second attempt": ("aws.py", "ATTEMPTS = 3", "ATTEMPTS = 1", "what_passes"),
    "impatient with throttling": ("aws.py", '"ThrottlingException"', '"Throttling"', "what_passes"),
    "endless pause": ("aws.py", "random.uniform(0, PAUSE_SECONDS * attempt)", "1.0", "what_passes"),
    "every error repeated": ("aws.py", "if not error.may_pass:", "if False:", "repetition_cannot_mend"),
    "no look at the connection": (
        "aws.py",
        "if not select.select([kept], [], [], 0)[0]:",
        "if kept:",
        "in_a_pause",
    ),
    "new connection each time": ("aws.py", "if kept is not None:", "if False:", "share_a_connection"),
    "no certificates": (
        "aws.py",
        "ssl.create_default_context(",
        "ssl._create_unverified_context(",
        "vouches",
    ),
    "raw error": (
        "aws.py",
        "except (OSError, http.client.HTTPException)",
        "except http.client.HTTPException",
        "silence_ends",
    ),
    "told secret": (
        "aws.py",
        "secret_access_key: str = field(repr=False)",
        "secret_access_key: str",
        "secrets",
    ),
    "own hash": (
        "idempotency.py",
        "json.dumps(value, sort_keys=True).encode()",
        "str(value).encode()",
        "another_knows",
    ),
    "no expiry": ("idempotency.py", " OR #expiration < :now", "", "long_ago"),
    "dead for ever": ("idempotency.py", "#deadline < :now_ms", "#deadline < :now", "killed"),
    "failure kept": (
        "idempotency.py",
        "_tell(functools.partial(persistence_store.release, key))",
        "pass",
        "forgotten",
    ),
    "no condition": ("idempotency.py", "ConditionExpression=_IS_FREE,", "", "turned_away"),
    "renamed status": (
        "idempotency.py",
        '":completed": {"S": "COMPLETED"}',
        '":completed": {"S": "DONE"}',
        "another_knows",
    ),
}

# The same of what only some event sources call, in a module that is called aws.py too.
BROKEN_ELSEWHERE = {
    "path signed as it is sent": ("websocket", "quote(request.path)", "request.path", "signature"),
    "first page alone": ("websocket", 'while "LastEvaluatedKey" in page:', "while False:", "asks_for_a_page"),
    "gone as any error": ("websocket", '"GoneException": GoneError, ', "", "told_apart"),
    "key encoded twice": (
        "object",
        "request.method, request.path,",
        "request.method, quote(request.path),",
        "signature",
    ),
    "short object": ("object", "if not chunk and self._answer.length:", "if False:", "ends_early"),
    "object without an end": ("object", "if answer.length is None:", "if False:", "unsaid_length"),
    "host of the last bucket": ("object", "if host != self._host:", "if False:", "host_of_its_own"),
    "dots in a host": ("object", "not _HOST.fullmatch(bucket)", "False", "host_of_its_own"),
}


def test_template_asks_where_the_client_is_offered() -> None:
    asked = yaml.safe_load((REPOSITORY / "copier.yml").read_text(encoding="utf-8"))["aws_client"]["when"]

    answers = {"tier": "lambda", "orchestration": "step-functions"}
    assert [name for name in EXAMPLES if _is_true(asked, **answers, event_source=name)] == OFFERED
    assert not [name for name in TASKS if _is_true(asked, tier="fargate-task", event_source=name)]
    assert not _is_true(asked, tier="lambda", event_source="workflow", orchestration="durable-function")


@pytest.mark.parametrize("event_source", [name for name in EXAMPLES if name not in OFFERED])
def test_event_source_without_the_client_refuses_it(tmp_path: Path, event_source: str) -> None:
    command = [sys.executable, "-m", "generator", "create", str(tmp_path / "service"), "--no-git"]
    answers = ["--answers", str(EXAMPLES[event_source]), "--data", "aws_client=lean"]

    done = subprocess.run(
        [*command, *answers], cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=False
    )

    assert done.returncode == 2
    expected = f"there is no client of its own for the event source `{event_source}` yet (allowed: boto3)"
    assert expected in done.stderr
    assert not (tmp_path / "service").exists()


@pytest.mark.parametrize("event_source", OFFERED)
def test_client_changes_no_resource_and_imports_no_boto3(tmp_path: Path, event_source: str) -> None:
    templates = []
    for client in ("boto3", "lean"):
        render_example(tmp_path / client, {"aws_client": client}, event_source)
        templates.append((tmp_path / client / "template.yaml").read_text(encoding="utf-8"))
    sources = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "lean/src").rglob("*.py")}

    # What was done is only read where it stands in the way of a write, and comes with the answer to it.
    remembers = "IDEMPOTENCY_TABLE" in templates[0]
    assert templates[1] == (templates[0].replace("dynamodb:GetItem, ", "") if remembers else templates[0])
    assert "aws.py" in sources
    assert ("idempotency.py" in sources) is remembers
    assert [name for name, text in sources.items() if "import boto" in text or "from boto" in text] == []


@pytest.fixture(scope="module")
def lean_queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A queue's repository with the client, set up by its own command."""
    folder: Path = tmp_path_factory.mktemp("lean") / "service"
    render_example(folder, {"aws_client": "lean"}, "queue")
    set_up(folder)
    return folder


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Repositories with calls of their own, which are tested in the queue's environment."""
    folder: Path = tmp_path_factory.mktemp("others")
    for event_source in sorted({event_source for event_source, *_ in BROKEN_ELSEWHERE.values()}):
        render_example(folder / event_source, {"aws_client": "lean"}, event_source)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_breaking_the_client_fails_the_right_test(lean_queue: Path, name: str) -> None:
    module, old, new, noticed_by = BROKEN[name]

    summary = _summary_when_broken(lean_queue, OWN_FILES[module], (old, new), noticed_by, lean_queue)

    assert noticed_by in summary


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN_ELSEWHERE)
def test_breaking_what_only_another_source_calls_fails_the_right_test(
    lean_queue: Path, others: Path, name: str
) -> None:
    event_source, old, new, noticed_by = BROKEN_ELSEWHERE[name]
    service = others / event_source
    [module] = (path.relative_to(service).as_posix() for path in service.glob("src/*/aws.py"))

    summary = _summary_when_broken(service, module, (old, new), noticed_by, lean_queue)

    assert noticed_by in summary


def _summary_when_broken(
    service: Path, module: str, change: tuple[str, str], tests: str, installed: Path
) -> str:
    """Change a module, and return which tests of its own then fail, in the environment of a repository."""
    path = service / module
    written = path.read_text(encoding="utf-8")
    assert written.count(change[0]) == 1
    command = [
        str(installed / ".venv/bin/python"),
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no_shrinking",
        f"tests/unit/test_{path.name}",
        "-k",
        tests,
    ]

    path.write_text(written.replace(*change), encoding="utf-8")
    try:
        broken = subprocess.run(
            command, cwd=service, env=NO_SHRINKING, capture_output=True, text=True, check=False
        )
    finally:
        path.write_text(written, encoding="utf-8")

    assert broken.returncode == 1, broken.stdout
    return broken.stdout.partition("short test summary")[2]


def _is_true(condition: str, **answers: str) -> bool:
    return SandboxedEnvironment().from_string(condition).render(**answers) == "True"
