"""The program as scripts and people call it: words in, text and exit code out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from installation import break_policy, copy_checkout
from toolbox import REPOSITORY

from generator import __version__

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = str(REPOSITORY / "examples" / "http-api.yaml")

HEAVY = ("copier", "questionary", "prompt_toolkit", "pydantic", "plotext", "rich", "jinja2", "plumbum")


def run(*words: str, cwd: Path, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal; uv is kept from the network."""
    quiet = {"UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never", "PYTHONPATH": str(REPOSITORY), "NO_COLOR": ""}
    return subprocess.run(
        [sys.executable, "-m", "generator", *words],
        cwd=cwd,
        env={**os.environ, **quiet, **environment},
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_version_is_told(tmp_path: Path) -> None:
    for words in (["--version"], ["--version", "--version"]):
        result = run(*words, cwd=tmp_path)
        assert (result.returncode, result.stdout, result.stderr) == (0, f"new-service {__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [["--help"], ["-h"], ["create", "--help"], ["decide", "-h"], ["policy", "--help"], ["orders", "--help"]],
)
def test_help_fits_a_terminal_and_goes_to_standard_output(tmp_path: Path, words: list[str]) -> None:
    result = run(*words, cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: new-service")
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["crate"], "no command 'crate', did you mean 'create'?"),
        (["Decide"], "did you mean 'decide'?"),
        (["create"], "Missing argument 'DEST'"),
        (["decide", "--colour"], "No such option: --colour"),
        (["decide", "--format", "xml"], "'xml' is not one of 'text', 'json', 'markdown'"),
        (["decide", "--answers"], "requires an argument"),
        (["policy", "shw"], "No such command 'shw'"),
        (["create", "a", "b"], "unexpected extra argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words_are_one_error_with_a_hint(tmp_path: Path, words: list[str], message: str) -> None:
    result = run(*words, cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert "\n\nhint: `new-service" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_first_word_that_is_no_command_is_the_folder(tmp_path: Path) -> None:
    result = run("shipping", "--answers", EXAMPLE, "--no-git", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "shipping" / "template.yaml").is_file()


def test_option_first_and_no_folder_takes_the_name_of_the_service(tmp_path: Path) -> None:
    result = run("--answers", EXAMPLE, "--no-git", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shipping-quotes"]


def test_folder_named_like_a_slip_can_be_written_with_a_dot(tmp_path: Path) -> None:
    result = run("./crate", "--answers", EXAMPLE, "--no-git", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "crate").is_dir()


def test_without_a_terminal_everything_missing_is_listed_at_once(tmp_path: Path) -> None:
    result = run(cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert [line.split()[0] for line in result.stderr.splitlines()[1:4]] == [
        "trigger:",
        "project_name:",
        "owner:",
    ]


def test_every_problem_of_every_source_is_listed_with_its_key_and_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(
        "triger: http\nlongest_run_s: soon\nci: jenkins\n", encoding="utf-8"
    )

    result = run("create", "Not A Name", "--answers", "answers.yaml", "--data", "vcpu=-1", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: 7 answers are wrong\n")
    for words in (
        "did you mean `trigger`?",
        "longest_run_s = soon",
        "vcpu = -1",
        "ci = jenkins",
        "`Not A Name`",
        "owner:",
    ):
        assert words in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["answers.yaml"]


def test_created_repository_is_summed_up(tmp_path: Path) -> None:
    result = run("create", "shipping", "--answers", EXAMPLE, "--no-git", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    count = sum(1 for path in (tmp_path / "shipping").rglob("*") if path.is_file())
    assert result.stdout.startswith(f"Created shipping-quotes in {tmp_path}/shipping: {count} files.\n")
    for words in (
        "AWS Lambda, because",
        "  src/",
        "template.yaml",
        f"  cd {tmp_path}/shipping\n",
        "make setup check test build",
        "Audit:\n  0 violations, 0 warnings; 1 template judged. Idle bill: $",
    ):
        assert words in result.stdout


def test_rendered_violation_is_a_fault_of_the_program(tmp_path: Path) -> None:
    program = break_policy(copy_checkout(tmp_path / "program"))

    result = run("create", "s", "--answers", EXAMPLE, "--no-git", cwd=tmp_path, PYTHONPATH=str(program))

    assert result.returncode == 3
    assert result.stderr.startswith("error: 2 violations of the policy in what was rendered\n  error SF101 ")
    assert "hint: this is a fault of the templates" in result.stderr


def test_data_and_defaults_create_without_a_file(tmp_path: Path) -> None:
    result = run(
        "create", "orders-api", "--defaults", "-d", "description=Takes orders", "--no-git", cwd=tmp_path
    )

    assert result.returncode == 0, result.stderr
    answers = yaml.safe_load((tmp_path / "orders-api" / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert (answers["project_name"], answers["trigger"], answers["description"]) == (
        "orders-api",
        "http",
        "Takes orders",
    )


def test_answers_come_from_standard_input(tmp_path: Path) -> None:
    answers = '{"trigger": "http", "owner": "acme"}'

    result = run("create", "orders", "--answers", "-", "--no-git", cwd=tmp_path, given=answers)

    assert result.returncode == 0, result.stderr


def test_answers_of_an_existing_project_make_another_one(tmp_path: Path) -> None:
    run("create", "first", "--answers", EXAMPLE, "--no-git", cwd=tmp_path)

    result = run("create", "second", "--answers", "first/.copier-answers.yml", "--no-git", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    answers = [
        yaml.safe_load((tmp_path / name / ".copier-answers.yml").read_text("utf-8"))
        for name in ("first", "second")
    ]
    assert answers[0] == answers[1]


def test_json_result_names_decision_files_and_next_steps(tmp_path: Path) -> None:
    result = run(
        "create", "shipping", "--answers", EXAMPLE, "--format", "json", cwd=tmp_path, PATH=os.environ["PATH"]
    )

    made = json.loads(result.stdout)
    assert result.returncode == 0, result.stderr
    assert made["created"] == str(tmp_path / "shipping")
    assert made["decision"]["tier"] == "lambda"
    assert made["committed"] is True
    assert (made["audit"]["templates"], made["audit"]["errors"]) == (1, 0)
    assert "template.yaml" in made["files"]
    assert made["next_steps"][0] == f"cd {tmp_path}/shipping"


def test_first_commit_is_clean(tmp_path: Path) -> None:
    run("create", "shipping", "--answers", EXAMPLE, cwd=tmp_path)

    status = subprocess.run(
        ["git", "status", "--porcelain"],
        cwd=tmp_path / "shipping",
        capture_output=True,
        text=True,
        check=True,
    )
    assert status.stdout == ""
    assert (tmp_path / "shipping" / ".git").is_dir()


@pytest.mark.parametrize("form", ["text", "json"])
def test_dry_run_shows_decision_and_files_and_writes_nothing(tmp_path: Path, form: str) -> None:
    result = run("create", "shipping", "--answers", EXAMPLE, "--dry-run", "--format", form, cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert "AWS Lambda" in result.stdout
    assert "template.yaml" in result.stdout
    assert list(tmp_path.iterdir()) == []
    if form == "json":
        assert json.loads(result.stdout)["created"] is None


def test_unusable_target_is_told(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("", encoding="utf-8")

    result = run("create", "full", "--answers", EXAMPLE, cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert (
        result.stderr == "error: full is not empty\n\nhint: choose another folder, or empty this one first\n"
    )


@pytest.mark.parametrize(
    "url",
    [
        "../templates",
        "/srv/t.git",
        "file:///srv/t.git",
        "https://me:secret@host/t.git",
        "https://h/a\nb: c",
        "x",
    ],
)
def test_place_of_the_template_that_works_on_one_machine_is_refused(tmp_path: Path, url: str) -> None:
    result = run("create", "orders", "--defaults", "--template-url", url, cwd=tmp_path)

    assert result.returncode == 2
    assert "no git URL that works on every machine" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_leftover_of_a_killed_run_is_named(tmp_path: Path) -> None:
    (tmp_path / ".orders.x1y2.new-service-partial").mkdir()

    result = run("create", "orders", "--defaults", "--no-git", cwd=tmp_path)

    assert result.returncode == 0
    assert ".orders.x1y2.new-service-partial was left by a run that was killed" in result.stderr


NO_REPOSITORY = {
    "no template for the trigger": (
        ["-d", "response_mb=50", "-d", "response_streamable=true", "-d", "body_via_s3=false"],
        "there is no template for AWS Lambda (streaming) started by stream-response",
    ),
    "no template for the tier": (
        ["-d", "trigger=connection_in", "-d", "protocol=mqtt", "-d", "state=required"],
        "there is no template for AWS Fargate service",
    ),
    "conflict": (["-d", "trigger=connection_out"], "must scale to zero"),
    "justification": (["-d", "trigger=job", "-d", "host_needs=macos"], ""),
}


@pytest.mark.parametrize(("words", "reason"), NO_REPOSITORY.values(), ids=NO_REPOSITORY.keys())
@pytest.mark.parametrize("form", ["text", "json"])
def test_decision_without_a_repository_is_told_and_makes_nothing(
    tmp_path: Path, words: list[str], reason: str, form: str
) -> None:
    result = run("create", "orders", "--defaults", *words, "--format", form, cwd=tmp_path)

    assert result.returncode == 1
    assert "nothing was created: " in result.stderr
    assert reason in result.stderr
    assert list(tmp_path.iterdir()) == []
    if form == "json":
        made = json.loads(result.stdout)
        assert made["created"] is None
        assert made["obstacle"]
        assert made["decision"]["tier"] != ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["-d", "trigger=http"], 0),
        (["-d", "trigger=event"], 0),
        (["-d", "trigger=connection_out"], 1),
        (["-d", "trigger=teleport"], 2),
        ([], 2),
        (["--answers", "missing.yaml"], 2),
        (["--policy", "missing.toml", "-d", "trigger=http"], 2),
    ],
    ids=["fits", "fits without a template", "conflict", "wrong", "nothing", "no file", "no policy"],
)
def test_exit_code_of_a_decision_tells_what_the_policy_says(
    tmp_path: Path, words: list[str], code: int
) -> None:
    assert run("decide", *words, cwd=tmp_path).returncode == code


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_decision_is_the_same_text_every_time(tmp_path: Path, form: str) -> None:
    first, second = (
        run("decide", "--answers", EXAMPLE, "--format", form, cwd=tmp_path, PYTHONHASHSEED=seed)
        for seed in ("1", "2")
    )

    assert first.returncode == 0
    assert "AWS Lambda" in first.stdout
    assert first.stdout == second.stdout


def test_policy_of_an_organisation_changes_the_decision(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("[limits.'lambda.duration']\nat_most = 3\n", encoding="utf-8")

    result = run("decide", "--answers", EXAMPLE, "--policy", "ours.toml", "--format", "json", cwd=tmp_path)

    assert json.loads(result.stdout)["tier"] != "lambda"


def test_inconsistent_policy_is_refused_with_table_and_key(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("[limits.'lambda.duration']\ntiers = ['lambdas']\n", encoding="utf-8")

    result = run("decide", "--answers", EXAMPLE, "--policy", "ours.toml", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert "lambda.duration" in result.stderr
    assert "tiers" in result.stderr


def test_chart_is_drawn_on_request_without_colour_in_a_file(tmp_path: Path) -> None:
    result = run("decide", "--answers", EXAMPLE, "--chart", cwd=tmp_path)

    assert result.returncode == 0
    assert (
        len(result.stdout.splitlines())
        > len(run("decide", "--answers", EXAMPLE, cwd=tmp_path).stdout.splitlines()) + 8
    )
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("words", [["policy", "show"], ["policy", "schema"]])
def test_policy_is_shown_as_text_and_as_json(tmp_path: Path, words: list[str]) -> None:
    text, as_json = run(*words, cwd=tmp_path), run(*words, "--format", "json", cwd=tmp_path)

    assert text.returncode == as_json.returncode == 0
    assert "lambda" in text.stdout or "longest_run_s" in text.stdout
    assert json.loads(as_json.stdout)
    assert "{" not in text.stdout


def test_schema_names_every_answer(tmp_path: Path) -> None:
    schema = json.loads(run("policy", "schema", "--format", "json", cwd=tmp_path).stdout)

    assert schema["required"] == ["trigger"]
    assert {"trigger", "longest_run_s", "host_needs", "project_name", "ci"} <= schema["properties"].keys()
    assert schema["properties"]["ci"]["enum"] == ["github", "gitlab", "none"]


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        ["decide", "--help"],
        ["decide", "--answers", EXAMPLE],
        ["create", "--help"],
        ["policy", "schema"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_quick_commands_load_nothing_slow(tmp_path: Path, words: list[str]) -> None:
    program = (
        "import sys; from generator.__main__ import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )

    result = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stderr == "[]\n"


def test_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    command = f"{sys.executable} -m generator policy schema --format json; echo $? >&2"

    result = subprocess.run(
        ["/bin/sh", "-c", f"({command}) | true"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stderr == "0\n"


def test_terminal_without_unicode_shows_every_answer(tmp_path: Path) -> None:
    result = run(
        "create",
        "orders",
        "--defaults",
        "-d",
        "project_name=über",
        cwd=tmp_path,
        PYTHONIOENCODING="ascii",
        PYTHONUTF8="0",
    )

    assert result.returncode == 2
    assert "\\xfcber" in result.stderr


def test_broken_installation_is_an_unexpected_failure_without_a_traceback(tmp_path: Path) -> None:
    program = (
        "import sys; from generator import source, __main__; source.template_url = lambda: 1 / 0;"
        "sys.exit(__main__.main())"
    )
    command = [sys.executable, "-c", program, "create", "orders", "--defaults"]

    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.startswith("error: unexpected ZeroDivisionError: division by zero (")
    assert "report it" in result.stderr
    assert "Traceback" not in result.stderr


def test_folder_that_was_deleted_under_the_shell_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    script = f"cd gone && rmdir ../gone && {sys.executable} -m generator create orders --defaults"

    result = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert result.stderr.startswith("error: cannot create orders: ")


def test_interrupt_after_rendering_leaves_complete_files_and_says_so(tmp_path: Path) -> None:
    slow = tmp_path / "bin" / "uv"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/locking\nexec sleep 60\n", encoding="utf-8")
    slow.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PATH": f"{slow.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "generator", "create", "orders", "--defaults"]

    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (tmp_path / "locking").exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)

    assert process.returncode == 130
    assert f"all files are in {tmp_path}/orders, but not committed" in told
    assert (tmp_path / "orders" / "template.yaml").is_file()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered(tmp_path: Path, shell: str) -> None:
    result = run(cwd=tmp_path, _NEW_SERVICE_COMPLETE=f"source_{shell}")

    assert result.returncode == 0
    assert "_NEW_SERVICE_COMPLETE" in result.stdout


def test_completion_completes_commands_and_options(tmp_path: Path) -> None:
    result = run(
        cwd=tmp_path, _NEW_SERVICE_COMPLETE="complete_bash", COMP_WORDS="new-service de", COMP_CWORD="1"
    )

    assert result.stdout.split() == ["decide"]
