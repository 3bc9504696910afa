"""Answers files of strangers: three formats, one strict reading, every problem at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from generator import answers, policy
from generator.errors import AnswersError, AnswersFileError

if TYPE_CHECKING:
    from generator.policy import Policy

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def rules() -> Policy:
    return policy.load()


def written(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return str(path)


BLOCK = "trigger: http\nlongest_run_s: 5\nhost_needs: [gpu, kernel]\ncritical: yes\nci: null\n"
OBJECT = (
    '{"trigger": "http", "longest_run_s": 5, "host_needs": ["gpu", "kernel"], "critical": true, "ci": null}'
)

SAME_ANSWERS = {
    "answers.yaml": BLOCK,
    "answers.yml": "{trigger: http, longest_run_s: 5, host_needs: [gpu, kernel], critical: true, ci: ~}",
    "answers.json": OBJECT,
    "json without suffix": f" {OBJECT}",
    "yaml without suffix": f"# a note\n{BLOCK}",
    "byte order mark.yaml": f"\ufeff{BLOCK}",
    "windows lines.yaml": BLOCK.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", SAME_ANSWERS)
def test_format_is_told_by_suffix_or_content(tmp_path: Path, name: str) -> None:
    read = answers.read(written(tmp_path, name, SAME_ANSWERS[name]))

    expected = {
        "trigger": "http",
        "longest_run_s": 5,
        "host_needs": ["gpu", "kernel"],
        "critical": True,
        "ci": None,
    }
    assert read == expected


@pytest.mark.parametrize("name", ["answers.toml", "answers"])
def test_toml_is_read_by_suffix_or_content(tmp_path: Path, name: str) -> None:
    text = '# a note\ntrigger = "http"\nlongest_run_s = 5\nhost_needs = ["gpu"]\n'

    assert answers.read(written(tmp_path, name, text)) == {
        "trigger": "http",
        "longest_run_s": 5,
        "host_needs": ["gpu"],
    }


def test_standard_input_is_read() -> None:
    program = "from generator import answers; print(answers.read('-'))"
    command = [sys.executable, "-c", program]

    result = subprocess.run(command, input=b"trigger: job\n", cwd=ROOT, capture_output=True, check=True)

    assert result.stdout.decode().strip() == "{'trigger': 'job'}"


def test_empty_file_gives_no_answers(tmp_path: Path) -> None:
    assert answers.read(written(tmp_path, "a.yaml", "# nothing yet\n")) == {}


def test_yaml_numbers_are_what_a_person_wrote(tmp_path: Path) -> None:
    text = "a: 15:00\nb: 3.10\nc: 017\nd: 1e3\ne: .inf\nf: 2027-01-31\ng: 3_000_000\nh: -5\ni: 0x10\n"

    assert answers.read(written(tmp_path, "a.yaml", text)) == {
        "a": "15:00",
        "b": "3.10",
        "c": "017",
        "d": "1e3",
        "e": ".inf",
        "f": "2027-01-31",
        "g": 3_000_000,
        "h": -5,
        "i": "0x10",
    }


UNREADABLE = {
    "not utf-8": ("a.yaml", b"trigger: http\nname: \xff\xfe\n", "line 2: not UTF-8"),
    "utf-16": ("a.yaml", "trigger: http".encode("utf-16"), "not UTF-8"),
    "null byte": ("a.yaml", b"a: \x00\n", "not usable YAML"),
    "yaml syntax": ("a.yaml", "trigger: http\nstate: [\n", "line 3: not usable YAML"),
    "yaml tab": ("a.yaml", "trigger:\n\tx: 1\n", "line 2: not usable YAML"),
    "yaml key twice": (
        "a.yaml",
        "trigger: http\nstate: none\ntrigger: job\n",
        "line 3: .*`trigger` is given twice, first on line 1",
    ),
    "yaml alias": ("a.yaml", "a: &x [1]\nb: *x\n", "line 2: .*aliases"),
    "yaml bomb": (
        "a.yaml",
        "a: &a [x]\n"
        + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
        "aliases",
    ),
    "yaml merge": ("a.yaml", "a: &a {b: 1}\n<<: *a\n", "aliases"),
    "yaml tag": ("a.yaml", "a: !!python/object/apply:os.system [reboot]\n", "line 1: .*tags"),
    "yaml broken number tag": ("a.yaml", "a: !!int x\n", "tags"),
    "yaml binary": ("a.yaml", "a: !!binary aGk=\n", "tags"),
    "yaml list as key": ("a.yaml", "? [a, b]\n: 1\n", "a key is plain text"),
    "yaml two documents": ("a.yaml", "a: 1\n---\nb: 2\n", "not usable YAML"),
    "yaml list": ("a.yaml", "- trigger: http\n", "expected a mapping .* found a list"),
    "yaml text": ("a.yaml", "just words\n", "expected a mapping .* found text"),
    "yaml yes as key": ("a.yaml", "yes: 1\n", "True is not a key"),
    "yaml depth": ("a.yaml", "a: " + "[" * 5_000, "nested too deeply|not usable YAML"),
    "json syntax": ("a.json", '{"a": 1,\n "b": }', "line 2: not JSON"),
    "json key twice": ("a.json", '{"a": 1, "a": 2}', "`a` is given twice"),
    "json depth": ("a.json", '{"a": ' + "[" * 100_000, "nested too deeply"),
    "json huge number": ("a.json", '{"a": ' + "9" * 5_000 + "}", "not usable JSON"),
    "toml syntax": ("a.toml", 'a = 1\nb = "\n', "not usable TOML: .*line 2"),
    "toml key twice": ("a.toml", "a = 1\na = 2\n", "not usable TOML"),
    "toml depth": ("a.toml", "a = " + "[" * 50_000, "nested too deeply|not usable TOML"),
    "too large": ("a.yaml", "# " + "x" * 300_000, "larger than 256 KiB"),
}


@pytest.mark.parametrize(("name", "text", "words"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable_file_is_one_error_that_names_it(
    tmp_path: Path, name: str, text: str | bytes, words: str
) -> None:
    path = written(tmp_path, name, text)

    with pytest.raises(AnswersFileError, match=words) as caught:
        answers.read(path)

    assert path in caught.value.message
    assert len(caught.value.message) < len(path) + 250


@pytest.mark.parametrize(
    "source",
    ["", ".", "missing.yaml", "null\0byte", "x" * 5_000],
    ids=["empty", "folder", "missing", "null", "long"],
)
def test_what_is_no_file_is_one_error(tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(AnswersFileError, match="cannot read answers file"):
        answers.read(source)


def test_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(AnswersFileError, match="larger than"):
        answers.read("/dev/zero")


def test_pipe_is_read_like_a_file() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(b"trigger: http\n")

    assert answers.read(f"/dev/fd/{reader}") == {"trigger": "http"}


def test_assignments_win_over_the_file_and_keep_equals_signs() -> None:
    merged = answers.merge({"trigger": "http", "state": "none"}, ["trigger=job", "description=a=b", "owner="])

    assert merged == {"trigger": "job", "state": "none", "description": "a=b", "owner": ""}


def test_assignment_of_nothing_takes_back_what_was_said_of_the_workload() -> None:
    merged = answers.merge({"memory_mb": 4096, "cors_origins": "*"}, ["memory_mb=", "cors_origins=", "vcpu="])

    # What was never said stays as it is given, so that a wrong key is still found.
    assert merged == {"cors_origins": "", "vcpu": ""}


def test_assignments_without_key_or_value_are_all_reported() -> None:
    with pytest.raises(AnswersError) as caught:
        answers.merge({}, ["trigger", "=http", "ok=1", "x" * 1_000])

    assert len(caught.value.problems) == 3
    assert len(caught.value.message) < 600


def test_problems_of_facts_project_and_keys_come_in_one_error(rules: Policy) -> None:
    raw = {
        "triger": "http",
        "longest_run_s": "soon",
        "project_name": "../x",
        "ci": "jenkins",
        "tier": "lambda",
    }

    with pytest.raises(AnswersError) as caught:
        answers.check(raw, rules)

    problems = {problem.key: problem for problem in caught.value.problems}
    assert set(problems) == {"triger", "tier", "trigger", "longest_run_s", "project_name", "owner", "ci"}
    assert problems["triger"].allowed == "did you mean `trigger`?"
    assert problems["tier"].problem == "is decided by the policy, not answered"
    assert caught.value.message.startswith("7 answers are wrong\n")


def test_every_problem_is_one_printable_line_whatever_was_given(rules: Policy) -> None:
    raw = {
        "tr\nigger\x1b[2J": "a\u202eb" * 9_999,
        "x" * 10_000: {"y": [1] * 999},
        "trigger": "{{ 7 * 7 }}\n",
        "owner": ["\x07"],
    }

    with pytest.raises(AnswersError) as caught:
        answers.check(raw, rules, default_name="orders")

    lines = caught.value.message.splitlines()
    assert len(lines) == 5
    assert all(line.isprintable() and len(line) < 400 for line in lines)


def test_project_answers_are_known_to_a_decision_but_not_checked(rules: Policy) -> None:
    workload = answers.check_facts({"trigger": "http", "project_name": "../x"}, rules)

    assert workload.trigger == "http"


def test_unknown_key_is_refused_by_a_decision_too(rules: Policy) -> None:
    with pytest.raises(AnswersError, match="did you mean `requests_per_month`"):
        answers.check_facts({"trigger": "http", "request_per_month": 5}, rules)


def test_given_answers_are_checked_while_others_are_still_to_be_asked(rules: Policy) -> None:
    answers.check_given({"longest_run_s": 5, "ci": "none"}, rules)

    with pytest.raises(AnswersError) as caught:
        answers.check_given({"longest_run_s": -5, "ci": "jenkins", "nope": 1}, rules)

    assert {problem.key for problem in caught.value.problems} == {"longest_run_s", "ci", "nope"}


def test_answers_file_of_a_project_is_read_without_what_the_generator_wrote(tmp_path: Path) -> None:
    text = yaml.safe_dump(
        {
            "_src_path": "x",
            "_commit": "v1",
            "trigger": "http",
            "tier": "lambda",
            "variant": "function",
            "decision": {"a": 1},
        }
    )

    assert answers.read(written(tmp_path, ".copier-answers.yml", text)) == {"trigger": "http"}


def test_example_is_complete(rules: Policy) -> None:
    checked = answers.check(answers.read(str(ROOT / "examples" / "http-api.yaml")), rules)

    assert checked.workload.requests_per_month == 3_000_000
    assert checked.project.project_name == "shipping-quotes"


def test_facts_survive_every_format(rules: Policy, tmp_path: Path) -> None:
    facts = answers.check_facts(
        {"trigger": "http", "scratch_gb": "0.25", "host_needs": ["gpu"]}, rules
    ).facts()

    for name, text in (("a.json", json.dumps(facts)), ("a.yaml", yaml.safe_dump(facts))):
        assert answers.check_facts(answers.read(written(tmp_path, name, text)), rules).facts() == facts
