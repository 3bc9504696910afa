"""A repository appears whole or not at all, says where it came from, and carries answers as given."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import copier
import jinja2
import pytest
import yaml

from generator import render, repository, target
from generator.errors import RenderError, TargetError
from generator.plan import RenderPlan, TemplateSource

ROOT = Path(__file__).parent.parent

QUESTIONS = """
_subdirectory: "templates/{{ tier }}"
_envops: {undefined: jinja2.StrictUndefined, trim_blocks: true, keep_trailing_newline: true}
tier: {type: str, default: lambda}
project_name: {type: str, validator: "{% if project_name | length > 99 %}too long{% endif %}"}
note: {type: yaml, default: null}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return a template of three files, one of them a program."""
    root = tmp_path / "a template with a long name and spaces, so that YAML breaks the line that names it"
    tier = root / "templates" / "lambda"
    tier.mkdir(parents=True)
    (root / "copier.yml").write_text(QUESTIONS, encoding="utf-8")
    (tier / "README.md.jinja").write_text("# {{ project_name }}\n", encoding="utf-8")
    (tier / "{{ _copier_conf.answers_file }}.jinja").write_text(
        "# head\n{{ _copier_answers | to_nice_yaml }}"
    )
    (tier / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (tier / "run").chmod(0o755)
    return root


def planned(template: Path, **answers: object) -> RenderPlan:
    source = TemplateSource(root=template, url="https://example.invalid/t.git", ref="v1.2.3")
    return RenderPlan(
        tier="lambda", answers={"tier": "lambda", "project_name": "orders", **answers}, template=source
    )


def test_every_file_is_rendered_with_its_mode(template: Path, tmp_path: Path) -> None:
    files = render.render(planned(template), tmp_path / "orders")

    assert files == (".copier-answers.yml", "README.md", "run")
    assert (tmp_path / "orders" / "README.md").read_text(encoding="utf-8") == "# orders\n"
    assert os.access(tmp_path / "orders" / "run", os.X_OK)


def test_repository_is_as_readable_as_any_other_folder(template: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()

    render.render(planned(template), tmp_path / "orders")

    assert (tmp_path / "orders").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_answers_file_names_published_template_and_release_and_no_path_of_this_machine(
    template: Path, tmp_path: Path
) -> None:
    render.render(planned(template), tmp_path / "orders")

    text = (tmp_path / "orders" / ".copier-answers.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == {
        "_commit": "v1.2.3",
        "_src_path": "https://example.invalid/t.git",
        "note": None,
        "project_name": "orders",
        "tier": "lambda",
    }
    assert str(tmp_path) not in text
    assert text.startswith("# head\n")


def test_fast_path_renders_what_copier_renders_from_git(template: Path, tmp_path: Path) -> None:
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v1.2.3"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "core.hooksPath=/dev/null"]
        subprocess.run(["git", *identity, *command], cwd=template, check=True)
    plan = planned(template, note={"a": ["{{ 7 * 7 }}", "x: y"], "b": 0.5})

    render.render(plan, tmp_path / "fast")
    options = {"defaults": True, "quiet": True, "vcs_ref": "v1.2.3"}
    copier.run_copy(f"git+file://{template}", tmp_path / "slow", data=dict(plan.answers), **options)

    assert contents(tmp_path / "fast") == contents(tmp_path / "slow")


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """Return mode and text of every file, without the place that the template was read from."""
    origin = re.compile(r"^_src_path:.*\n([ \t]+.*\n)*", re.MULTILINE)
    return {
        path.name: (path.stat().st_mode, origin.sub("", path.read_text(encoding="utf-8")))
        for path in folder.iterdir()
    }


def test_no_process_is_started(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *args, **kwargs: (started.append(args), popen(*args, **kwargs))[1]
    )

    render.render(planned(template), tmp_path / "orders")

    assert started == []


def test_second_render_of_a_process_makes_what_the_first_made(template: Path, tmp_path: Path) -> None:
    questions = f"{QUESTIONS}names: {{type: yaml, default: [b, c]}}\n"
    (template / "copier.yml").write_text(questions, encoding="utf-8")
    # Jinja tells Copier of each path that it compiles, so that the next path is not for each of the names.
    name = "{% yield name from names %}{{ name }}.txt{% endyield %}"
    (template / "templates" / "lambda" / name).write_text("", encoding="utf-8")

    first, second = (render.render(planned(template), tmp_path / name) for name in ("first", "second"))

    assert first == (".copier-answers.yml", "README.md", "b.txt", "c.txt", "run")
    assert second == first
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_equal_texts_are_read_by_the_rules_of_their_own_template(template: Path, tmp_path: Path) -> None:
    tier = template / "templates" / "lambda"
    (tier / "{{ _copier_conf.answers_file }}.jinja").unlink()
    text = "{% if true %}\n[[ project_name ]]{{ project_name }}\n{% endif %}\n"
    (tier / "README.md.jinja").write_text(text, encoding="utf-8")
    rules = {
        "trimmed": ("trim_blocks: true", "{{ }}"),
        "untrimmed": ("trim_blocks: false", "{{ }}"),
        "brackets": ('variable_start_string: "[[", variable_end_string: "]]"', "[[ ]]"),
    }
    read = {}
    for name, (rule, marks) in rules.items():
        settings = f"_envops: {{undefined: jinja2.StrictUndefined, keep_trailing_newline: true, {rule}}}"
        questions = re.sub("^_envops.*$", settings, QUESTIONS, flags=re.MULTILINE)
        (template / "copier.yml").write_text(questions.replace("{{ tier }}", "lambda"), encoding="utf-8")
        answers = marks.replace(" ", " _copier_answers | to_nice_yaml ")
        (tier / ".copier-answers.yml.jinja").write_text(answers, encoding="utf-8")
        render.render(planned(template), tmp_path / name)
        read[name] = (tmp_path / name / "README.md").read_text(encoding="utf-8")

    assert read == {
        "trimmed": "[[ project_name ]]orders\n",
        "untrimmed": "\n[[ project_name ]]orders\n\n",
        "brackets": "\norders{{ project_name }}\n\n",
    }


def test_jinja_is_as_it_was_after_a_render(template: Path, tmp_path: Path) -> None:
    before = jinja2.Environment.compile

    render.render(planned(template), tmp_path / "orders")

    assert jinja2.Environment.compile is before


def test_settings_of_the_user_do_not_change_the_result(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text("defaults: {note: surprise}\n", encoding="utf-8")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))

    render.render(planned(template), tmp_path / "orders")

    assert (
        yaml.safe_load((tmp_path / "orders" / ".copier-answers.yml").read_text(encoding="utf-8"))["note"]
        is None
    )


def test_answer_that_the_template_does_not_ask_for_is_refused(template: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="no question for colour"):
        render.render(planned(template, colour="red"), tmp_path / "orders")

    assert list(tmp_path.iterdir()) == [template]


BROKEN = {
    "undefined name": ("README.md.jinja", "{{ nobody }}"),
    "syntax": ("README.md.jinja", "{% if %}"),
    "missing include": ("README.md.jinja", "{% include 'nowhere' %}"),
    "not text": ("README.md.jinja", "\udcff"),
    "no origin": ("{{ _copier_conf.answers_file }}.jinja", "a: b\n"),
    "answers no YAML": ("{{ _copier_conf.answers_file }}.jinja", "_src_path: x\n{"),
}


@pytest.mark.parametrize(("name", "text"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_template_is_one_error_and_leaves_nothing(
    template: Path, tmp_path: Path, name: str, text: str
) -> None:
    (template / "templates" / "lambda" / name).write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(RenderError) as caught:
        render.render(planned(template), tmp_path / "orders")

    assert "\n" not in caught.value.message
    assert list(tmp_path.iterdir()) == [template]


@pytest.mark.parametrize(
    "settings", ["- a\n", "{", "_min_copier_version: '99'\n", "_tasks: [touch x]\ntier: {type: str}\n"]
)
def test_broken_or_foreign_settings_of_the_template_are_one_error(
    template: Path, tmp_path: Path, settings: str
) -> None:
    (template / "copier.yml").write_text(settings, encoding="utf-8")

    with pytest.raises(RenderError):
        render.render(planned(template), tmp_path / "orders")

    assert list(tmp_path.iterdir()) == [template]


def test_answer_that_a_validator_refuses_is_an_error(template: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"refuses the answers: .*too long"):
        render.render(planned(template, project_name="a" * 100), tmp_path / "orders")


def test_tier_without_a_folder_is_an_error(template: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="ec2"):
        render.render(replace(planned(template, tier="ec2"), tier="ec2"), tmp_path / "orders")

    assert list(tmp_path.iterdir()) == [template]


def test_folder_inside_the_templates_is_refused(template: Path) -> None:
    with pytest.raises(RenderError, match="inside the templates"):
        render.render(planned(template), template / "templates" / "orders")


def test_empty_folder_is_filled(template: Path, tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()

    render.render(planned(template), target.check(tmp_path / "orders"))

    assert (tmp_path / "orders" / "README.md").is_file()


def test_link_to_an_empty_folder_stays_and_the_folder_is_filled(template: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    render.render(planned(template), target.check(tmp_path / "link"))

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "README.md").is_file()


def test_relative_target_and_dot_dot_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")

    assert target.check(Path("../orders")) == tmp_path / "orders"
    assert target.check(Path()) == tmp_path / "inner"


def test_unusable_targets_are_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("", encoding="utf-8")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    expected = {
        tmp_path / "file": "is a file",
        tmp_path / "full": "is not empty",
        tmp_path / "dangling": "symbolic link to nothing",
        tmp_path / "loop": "loop",
        tmp_path / "missing" / "orders": "is no folder",
        tmp_path / "file" / "orders": "Not a directory|is no folder",
        tmp_path / ("a" * 300): "File name too long",
        tmp_path / "null\0byte": "null byte",
        Path("/"): "not empty",
    }

    for path, words in expected.items():
        with pytest.raises(TargetError, match=words):
            target.check(path)

    assert {path.name for path in tmp_path.iterdir()} == {"file", "full", "dangling", "loop"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_parent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)

    with pytest.raises(TargetError, match="not writable"):
        target.check(tmp_path / "locked" / "orders")


def test_target_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def fill_while_someone_else_does() -> None:
        with target.appear_whole(tmp_path / "orders") as filling:
            filling.mkdir()
            (tmp_path / "orders").mkdir()
            (tmp_path / "orders" / "theirs").write_text("", encoding="utf-8")

    with pytest.raises(TargetError, match="cannot move"):
        fill_while_someone_else_does()

    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "orders",
        "orders/theirs",
    ]


SLOW_FILLER = """
import sys, time
from pathlib import Path
from generator import target
with target.appear_whole(Path(sys.argv[1])) as filling:
    filling.mkdir()
    for number in range(int(sys.argv[2])):
        (filling / str(number)).write_text("x")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("written", [0, 1, 50])
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name
)
def test_killed_run_leaves_no_target(tmp_path: Path, number: signal.Signals, written: int) -> None:
    command = [sys.executable, "-c", SLOW_FILLER, str(tmp_path / "orders"), str(written)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        process.wait(timeout=10)

    left = list(tmp_path.iterdir())
    assert not (tmp_path / "orders").exists()
    assert target.leftovers(tmp_path / "orders") == tuple(left)
    assert len(left) == (1 if number == signal.SIGKILL else 0)


def test_run_killed_at_any_moment_leaves_all_or_nothing(template: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path; from test_render import planned; from generator import render\n"
        "print('ready', flush=True); render.render(planned(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    outcomes = set()
    for step in range(12):
        folder = tmp_path / f"orders{step}"
        command = [sys.executable, "-c", program, str(template), str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(step * 0.02)
            process.kill()
        if folder.exists():
            assert {path.name for path in folder.iterdir()} == {".copier-answers.yml", "README.md", "run"}
        outcomes.add(folder.exists())
    assert False in outcomes


@pytest.fixture
def plain_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give git an empty home, so that nobody's configuration takes part."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    return home


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def folder_with_files(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "README.md").write_text("hello\n", encoding="utf-8")
    (folder / ".env").write_text("A=1\n", encoding="utf-8")
    return folder


@pytest.mark.usefixtures("plain_git")
def test_first_commit_holds_everything_on_main_without_a_configured_identity(tmp_path: Path) -> None:
    folder = folder_with_files(tmp_path)

    outcome = repository.start(folder, "feat: start")

    assert (outcome.done, outcome.note) == (True, "")
    assert git(folder, "branch", "--show-current") == "main"
    assert git(folder, "log", "--format=%an %s") == "new-service feat: start"
    assert git(folder, "ls-files").split() == [".env", "README.md"]
    assert git(folder, "status", "--porcelain") == ""


def test_configured_identity_is_used(plain_git: Path, tmp_path: Path) -> None:
    (plain_git / ".gitconfig").write_text(
        "[user]\nname = Ada\nemail = ada@example.invalid\n", encoding="utf-8"
    )
    folder = folder_with_files(tmp_path)

    repository.start(folder, "feat: start")

    assert git(folder, "log", "--format=%an <%ae> %cn") == "Ada <ada@example.invalid> Ada"


def test_hooks_templates_and_ignore_patterns_of_the_user_take_no_part(
    plain_git: Path, tmp_path: Path
) -> None:
    hooks = plain_git / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    (plain_git / "ignored").write_text(".env\n", encoding="utf-8")
    core = f"[core]\nhooksPath = {hooks}\nexcludesFile = {plain_git}/ignored\n"
    settings = f"{core}[init]\ntemplateDir = {plain_git}\n"
    (plain_git / ".gitconfig").write_text(settings, encoding="utf-8")
    folder = folder_with_files(tmp_path)

    outcome = repository.start(folder, "feat: start")

    assert outcome.done
    assert ".env" in git(folder, "ls-files")
    assert not (folder / ".git" / "ignored").exists()


@pytest.mark.usefixtures("plain_git")
def test_no_repository_is_made_inside_another_one(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    folder = folder_with_files(tmp_path)

    outcome = repository.start(folder, "feat: start")

    assert not outcome.done
    assert "inside the git repository" in outcome.note
    assert not (folder / ".git").exists()


@pytest.mark.usefixtures("plain_git")
def test_environment_of_a_hook_does_not_tie_the_new_repository_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    folder = folder_with_files(tmp_path)

    outcome = repository.start(folder, "feat: start")

    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert outcome.done
    assert git(folder, "ls-files").split() == [".env", "README.md"]


def test_refused_signature_is_told_and_fails_nothing(plain_git: Path, tmp_path: Path) -> None:
    (plain_git / ".gitconfig").write_text(
        "[commit]\ngpgSign = true\n[gpg]\nprogram = false\n", encoding="utf-8"
    )
    folder = folder_with_files(tmp_path)

    outcome = repository.start(folder, "feat: start")

    assert not outcome.done
    assert outcome.note.startswith("git could not make the first commit: ")
    assert "git commit" in outcome.command


def test_missing_git_and_uv_are_told_with_the_command_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = folder_with_files(tmp_path)

    started, locked = repository.start(folder, "feat: start"), repository.lock(folder)

    assert not started.done
    assert started.command.startswith("git init -b main && ")
    assert (locked.done, locked.command) == (False, "uv lock")


def test_lock_without_an_index_is_told_and_given_up_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("UV_PYTHON", sys.executable)
    project = (
        '[project]\nname = "orders"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = ["msgspec"]\n'
    )
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    begin = time.monotonic()

    outcome = repository.lock(tmp_path)

    assert time.monotonic() - begin < 30
    assert (outcome.done, outcome.command) == (False, "uv lock")
    assert not (tmp_path / "uv.lock").exists()
