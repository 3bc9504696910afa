"""Repositories with every pair of options pass the tools that judge such files, with nothing to say.

`NEW_SERVICE_MATRIX=full` (as `make matrix` sets it) takes every combination instead. What an option may be is
read from the questions, so a new choice is part of the matrix at once.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import tomllib
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
import yaml
from environments import set_up
from matrix import FULL, Combination, every_combination, every_pair
from programs import Host
from rendering import EXAMPLES, SERVICES, TASKS, excuse_from_today, render_example
from stacks import Synthesiser, deploy_only_to, give_package
from toolbox import search_path, tool

from generator import policy, project
from generator.audit import judging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

pytestmark = pytest.mark.slow

OPTIONS = {
    "event_source": tuple(sorted(EXAMPLES)),
    **{
        question.name: question.choices
        for question in project.QUESTIONS
        if len(question.choices) > 1 and not question.event_source and not question.tier
    },
    "architecture": tuple(choice.name for choice in policy.load().facts["architecture"].choices),
}
ENVIRONMENTS = ("dev", "staging", "prod")
# What the dependencies of a repository hang on, besides its tier and event source.
DEPENDENCIES = ("iac", "orchestration", "aws_client", "checkpoint")
EXAMPLES_OF = {"lambda": EXAMPLES, "fargate-task": TASKS, "fargate-service": SERVICES}
# What is asked of an HTTP API alone; a function URL checks no tokens.
FRONTS = {
    "front": ("api", "function-url"),
    "authorisation": ("none", "iam", "jwt"),
    "cors_origins": ("", "*"),
    "iac": OPTIONS["iac"],
}
HTTP_COMBINATIONS = [
    (("event_source", "http"), *chosen)
    for chosen in (every_combination(FRONTS) if FULL else every_pair(FRONTS))
    if not {("front", "function-url"), ("authorisation", "jwt")} <= set(chosen)
]
# What is asked of a stream alone.
STREAM_COMBINATIONS = [
    (("event_source", "stream"), ("stream_source", "kinesis"), ("python_version", python), ("iac", iac))
    for python, iac in (("3.14", "sam"), ("3.13", "cdk"))
]
DURABLE: dict[str, object] = {"orchestration": "durable-function"}
# Divisible work without a state machine, started by a person and by the clock.
DURABLE_COMBINATIONS = [
    (("event_source", "workflow"), ("orchestration", "durable-function"), ("python_version", python), *others)
    for python, others in (
        ("3.13", ()),
        ("3.14", (("trigger", "schedule"), ("downstream_concurrency", "4"))),
        ("3.13", (("trigger", "schedule"), ("iac", "cdk"))),
    )
]
# A task has one infrastructure language and one client, and questions of its own.
TASK_OPTIONS = {
    "event_source": tuple(sorted(TASKS)),
    **{name: values for name, values in OPTIONS.items() if name not in {"event_source", "iac", "aws_client"}},
    **{question.name: question.choices for question in project.QUESTIONS if question.tier == "fargate-task"},
    "interruptible": ("yes", "no"),
}
TASK_COMBINATIONS = [
    (("tier", "fargate-task"), *chosen)
    for chosen in (every_combination(TASK_OPTIONS) if FULL else every_pair(TASK_OPTIONS))
]
# A service has no question of its own; it is critical or not, and one task takes one message at once or more.
SERVICE_OPTIONS = {
    **{name: values for name, values in TASK_OPTIONS.items() if name not in {"checkpoint", "interruptible"}},
    "critical": ("yes", "no"),
    "cpu_bound_share": ("1", "0.2"),
}
# Of what it shares with tasks, a few are enough.
FEW_SERVICES = [
    (("ci", "github"), ("python_version", "3.13"), ("critical", "no")),
    (("ci", "gitlab"), ("python_version", "3.14"), ("critical", "yes"), ("architecture", "x86_64")),
    (("ci", "none"), ("python_version", "3.12"), ("critical", "no"), ("cpu_bound_share", "0.2")),
    (("ci", "github"), ("python_version", "3.12"), ("critical", "yes"), ("cpu_bound_share", "0.2")),
]
NOT_IN_QUESTION = {"http": "yes", "lookup": "yes", "connections": "", "queue": ""}
SERVICE_COMBINATIONS = [
    (("tier", "fargate-service"), ("event_source", event_source), *chosen)
    for event_source in sorted(SERVICES)
    for chosen in (every_combination(SERVICE_OPTIONS) if FULL else FEW_SERVICES)
    # Requests to what never sleeps come in by another front, and so do bytes; nothing wakes what only
    # connects outwards.
    if ("critical", NOT_IN_QUESTION.get(event_source, "no")) not in chosen
]
# Unless somebody answers for what then runs all the time.
WAIVED_COMBINATION = (
    ("tier", "fargate-service"),
    ("event_source", "outbound"),
    ("critical", "no"),
    (
        "justification_text",
        'The bot of "our" games club must hear everything, and nobody pays for a second task.',
    ),
    ("justification_owner", "the games club"),
    ("justification_review_date", "2026-06-30"),
)
DATAGRAMS_COMBINATION = (
    ("tier", "fargate-service"),
    ("event_source", "lookup"),
    ("protocol", "udp"),
    ("message_kb", "1"),
    ("ci", "gitlab"),
    ("python_version", "3.14"),
    ("architecture", "x86_64"),
)
COMBINATIONS = [
    *(every_combination(OPTIONS) if FULL else every_pair(OPTIONS)),
    *HTTP_COMBINATIONS,
    *STREAM_COMBINATIONS,
    *DURABLE_COMBINATIONS,
    *TASK_COMBINATIONS,
    *SERVICE_COMBINATIONS,
    WAIVED_COMBINATION,
    DATAGRAMS_COMBINATION,
]

# GitHub writes its expressions as ${{ }}, CloudFormation its references as {{resolve:}}.
JINJA = re.compile(r"(?<!\$)\{\{[- ]|\{%|\{# ")
SLACK = re.compile(r"[ \t]+$|\n{4,}|\n\n\Z|[^\n]\Z|\A\n", re.MULTILINE)


def combination_id(combination: Combination) -> str:
    return "-".join(value or "none" for _, value in combination)


@pytest.fixture(scope="module", params=COMBINATIONS, ids=combination_id)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repository for each combination."""
    folder: Path = tmp_path_factory.mktemp("matrix") / "service"
    chosen = dict(request.param)
    examples = EXAMPLES_OF[chosen.pop("tier", "lambda")]
    render_example(folder, event_source=chosen.pop("event_source"), changed=chosen, examples=examples)
    return folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """The interpreter that the `make setup` of a repository with the same dependencies gave it."""
    for needed in ("make", "uv"):
        tool(needed)

    @functools.cache
    def interpreter(tier: str, event_source: str, *chosen: str | None) -> Path:
        folder: Path = tmp_path_factory.mktemp("installed") / "service"
        examples = EXAMPLES_OF[tier]
        changed = {key: value for key, value in zip(DEPENDENCIES, chosen, strict=True) if value}
        render_example(folder, event_source=event_source, changed=changed, examples=examples)
        return set_up(folder) / "python"

    keys = ("tier", "event_source", *DEPENDENCIES)
    return lambda repository: interpreter(*(answers(repository).get(key) for key in keys))


def test_pairs_meet_in_the_sample() -> None:
    some, every = every_pair(OPTIONS), every_combination(OPTIONS)

    met = {pair for combination in some for pair in combinations(combination, 2)}
    assert met == {pair for combination in every for pair in combinations(combination, 2)}
    assert len(some) < len(every)


def test_nothing_of_the_template_language_is_left(repository: Path) -> None:
    # Step Functions writes its expressions between {% and %}.
    found = ((name, text.replace('return "{% " + expression', "")) for name, text in texts(repository))
    assert [name for name, text in found if JINJA.search(text)] == []
    assert [path.name for path in repository.rglob("*") if JINJA.search(path.name)] == []


def test_whitespace_is_as_an_editor_would_leave_it(repository: Path) -> None:
    untidy = [
        (name, text[: found.start()].count("\n") + 1)
        for name, text in texts(repository)
        for found in SLACK.finditer(text)
    ]

    assert untidy == []


def test_data_files_are_well_formed(repository: Path) -> None:
    readers: dict[str, Callable[[str], object]] = {
        ".json": json.loads,
        ".toml": tomllib.loads,
        ".yml": yaml.safe_load,
        ".yaml": yaml.safe_load,
    }

    for name, text in texts(repository):
        suffix = name[name.rfind(".") :]
        # The template's intrinsic functions are tags of CloudFormation; cfn-lint reads them.
        if suffix in readers and name != "template.yaml":
            readers[suffix](text)


def test_ruff_is_content(repository: Path) -> None:
    judge(repository, "ruff", "format", "--check", "--no-cache", ".")
    judge(repository, "ruff", "check", "--no-cache", ".")


def test_mypy_is_content(repository: Path, installed: Callable[[Path], Path]) -> None:
    known = what_mypy_knows(answers(repository))
    # Always at the same place: what lies elsewhere than last time is read whole, to see that it is the same.
    environment = known / "environment"
    environment.unlink(missing_ok=True)
    environment.symlink_to(installed(repository).parents[1])

    python = ("--python-executable", str(environment / "bin" / "python"))
    judge(repository, "mypy", "--strict", "--cache-dir", str(known), *python)


def what_mypy_knows(told: Mapping[str, str]) -> Path:
    """Return the folder in which mypy keeps what it knows of the libraries that a source of events has."""
    folders = Path(os.environ["MYPY_CACHE_DIR"]).with_name("by-source")
    known = folders / f"{told['tier']}-{told['event_source']}"
    if not known.exists():
        # Most is the same for all of them.
        others = sorted(folders.glob("*/CACHEDIR.TAG"))
        if others:
            shutil.copytree(others[0].parent, known, ignore=shutil.ignore_patterns("environment"))
        known.mkdir(parents=True, exist_ok=True)
    return known


def test_what_protoc_writes_is_committed(
    repository: Path, installed: Callable[[Path], Path], tmp_path: Path
) -> None:
    script = repository / "scripts" / "proto.py"
    if not script.exists():
        return

    subprocess.run([installed(repository), script, tmp_path], check=True)

    [protocol] = repository.glob("src/*/protocol")
    assert {path.name for path in tmp_path.glob("*_pb2*")} == {path.name for path in protocol.glob("*_pb2*")}
    for path in tmp_path.glob("*_pb2*"):
        assert path.read_text(encoding="utf-8") == (protocol / path.name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def synthesiser(
    installed: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path, Path], list[Path]]]:
    """Make in a folder what the app of a repository makes, judged by the CDK's own rules and cdk-nag."""
    example: Path = tmp_path_factory.mktemp("synthesiser") / "service"
    render_example(example, {"iac": "cdk"})
    with Synthesiser(installed(example), example.parent, validated=True) as process:

        def made(repository: Path, folder: Path) -> list[Path]:
            copy = folder / "service"
            shutil.copytree(repository, copy, ignore=shutil.ignore_patterns(".venv", ".mypy_cache"))
            give_package(copy)
            if not FULL:
                # Each of them somewhere; the stacks of one app differ in little more than numbers.
                number = crc32(repr(sorted(answers(repository).items())).encode())
                deploy_only_to([ENVIRONMENTS[number % len(ENVIRONMENTS)]], copy / "infra" / "app.py")
            excuse_from_today(copy)
            return process.run(copy / "infra" / "app.py", copy / "cdk.out")

        yield made


def test_cfn_lint_is_content(
    repository: Path, request: pytest.FixtureRequest, loaded: Callable[..., None], tmp_path: Path
) -> None:
    if answers(repository)["iac"] == "sam":
        loaded(repository, "cfn-lint", "template.yaml")
    else:
        templates = request.getfixturevalue("synthesiser")(repository, tmp_path)
        # The CDK writes more dependencies than CloudFormation needs.
        loaded(repository, "cfn-lint", "--ignore-checks", "W3005", "--", *map(str, templates))
        outcome = judging.outcome_of(tmp_path / "service")
        assert (outcome.violations, outcome.counts["unknown"]) == ((), 0)
        assert outcome.counts["templates"] == len(templates)


def test_hadolint_is_content(repository: Path) -> None:
    if (repository / "Dockerfile").exists():
        judge(repository, "hadolint", "Dockerfile")


def test_renovate_settings_fit_their_schema(repository: Path, loaded: Callable[..., None]) -> None:
    loaded(repository, "check-jsonschema", "--builtin-schema", "vendor.renovate", "renovate.json")


def test_ci_files_are_content(repository: Path, loaded: Callable[..., None]) -> None:
    ci = answers(repository)["ci"]
    workflows = sorted(
        str(path.relative_to(repository)) for path in repository.glob(".github/workflows/*.yml")
    )

    assert bool(workflows) == (ci == "github")
    assert (repository / ".gitlab-ci.yml").exists() == (ci == "gitlab")
    owners = [path.relative_to(repository).as_posix() for path in repository.rglob("CODEOWNERS")]
    assert owners == ([] if ci == "none" else [f".{ci}/CODEOWNERS"])
    if workflows:
        judge(repository, "zizmor", "--offline", "--persona=pedantic", ".github")
        judge(repository, "actionlint", *workflows)
        loaded(repository, "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    if ci == "gitlab":
        loaded(repository, "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml")


def test_checkov_is_content(tmp_path: Path) -> None:
    examples = {**{name: (name, {}) for name in EXAMPLES}, "durable": ("workflow", DURABLE)}
    for name, (event_source, changed) in examples.items():
        render_example(tmp_path / name, event_source=event_source, changed=changed)
    judge(tmp_path / "http", "checkov", "--config-file", ".checkov.yaml")
    # It takes seconds to start, so the others are judged at once, by the same settings.
    settings = (tmp_path / "http" / ".checkov.yaml").read_text(encoding="utf-8")
    written = {(tmp_path / name / ".checkov.yaml").read_text(encoding="utf-8") for name in examples}
    assert written == {settings}

    files = ", ".join(f"{name}/template.yaml" for name in examples)
    (tmp_path / "all.yaml").write_text(settings.replace("[template.yaml]", f"[{files}]"), encoding="utf-8")
    judge(tmp_path, "checkov", "--config-file", "all.yaml")


def answers(repository: Path) -> dict[str, str]:
    return dict(yaml.safe_load((repository / ".copier-answers.yml").read_text(encoding="utf-8")))


def texts(repository: Path) -> Iterator[tuple[str, str]]:
    """Yield name and content of every file, but not of what a test left there."""
    for path in sorted(repository.rglob("*")):
        if path.is_file() and ".mypy_cache" not in path.parts:
            yield path.relative_to(repository).as_posix(), path.read_text(encoding="utf-8")


def test_a_linter_that_stays_loaded_finds_what_is_wrong_each_time(
    loaded: Callable[..., None], tmp_path: Path
) -> None:
    for name, resource in (("right", "AWS::SQS::Queue"), ("wrong", "AWS::SQS::Quewe")):
        template = {"Resources": {"Orders": {"Type": resource}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")

    for _ in range(2):
        loaded(tmp_path, "cfn-lint", "right.json")
        with pytest.raises(pytest.fail.Exception, match="AWS::SQS::Quewe"):
            loaded(tmp_path, "cfn-lint", "wrong.json")


@pytest.fixture(scope="session")
def loaded() -> Iterator[Callable[..., None]]:
    """Run, as `judge` does, a linter that takes longer to load than to judge; it is loaded once."""
    with Host(tool("cfn-lint"), environment()) as host:

        def judge_by(repository: Path, name: str, *arguments: str) -> None:
            code, said = host.run(tool(name), *arguments, folder=repository)
            if code != 0:
                pytest.fail(f"{name} exited {code}:\n{said}", pytrace=False)

        yield judge_by


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    # actionlint looks for shellcheck on PATH.
    return kept | {"PATH": search_path()}


def judge(repository: Path, name: str, *arguments: str) -> None:
    """Run a program that must find nothing; its words are the failure's message."""
    done = subprocess.run(
        [tool(name), *arguments],
        cwd=repository,
        env=environment(),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        pytest.fail(f"{name} exited {done.returncode}:\n{done.stdout}", pytrace=False)
