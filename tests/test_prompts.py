"""The interview as a person has it: in a real terminal, with real keys."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest
from toolbox import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENTER, DOWN, UP, CTRL_C, CTRL_D, CLEAR_LINE = "\r", "\x1b[B", "\x1b[A", "\x03", "\x04", "\x15"

ESCAPE = r"\x1b\[[0-9;?]*[A-Za-z]"

TRIGGER = "What starts the work"
NEEDS = "Does it need any of these"
STATE = "Must memory inside the process survive"
LONGEST = "slowest single unit of work take"
FITS = "Does one unit of work fit"
TRAFFIC = "come in a month"
AVERAGE = "take on average"
CONFIRM = "Create this service"
NAME = "What is the service called"
DESCRIPTION = "What does it do"
OWNER = "Who owns it"
LICENCE = "Under which licence"

FACTS_OF_AN_API = (TRIGGER, NEEDS, STATE, LONGEST, FITS, TRAFFIC, AVERAGE)


class Conversation:
    """A running interview: waits for a question and answers it."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self.child = child

    def see(self, words: str) -> None:
        """Wait until words are on the screen; line breaks of the terminal count as spaces."""
        self.child.expect(re.escape(words).replace(r"\ ", rf"(?:\s|{ESCAPE})+"))

    def answer(self, question: str, keys: str = ENTER) -> None:
        self.see(question)
        self.child.send(keys)

    def answer_all(self, *questions: str) -> None:
        for question in questions:
            self.answer(question)

    def end(self) -> int | None:
        """Wait for the end and return the exit code."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Callable[..., Conversation]]:
    """Start interviews in an empty folder and end them after the test."""
    children = []

    def start(*words: str, columns: int = 80, **environment: str) -> Conversation:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "generator", *words],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                # Nothing here answers when the cursor's position is asked; each question would wait for it.
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "TERM": "xterm-256color",
                "UV_OFFLINE": "1",
                "UV_PYTHON_DOWNLOADS": "never",
                **environment,
            },
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=20,
        )
        children.append(child)
        return Conversation(child)

    yield start
    for child in children:
        child.close(force=True)


def test_whole_interview_makes_the_service_that_was_described(
    talk: Callable[..., Conversation], tmp_path: Path
) -> None:
    interview = talk("orders-api")

    interview.answer_all(*FACTS_OF_AN_API)
    interview.see("AWS Lambda")
    interview.answer(CONFIRM)
    interview.answer(NAME)
    interview.answer(DESCRIPTION, CLEAR_LINE + "Takes orders." + ENTER)
    interview.answer(OWNER, "acme/orders" + ENTER)
    interview.answer(LICENCE, DOWN + ENTER)
    interview.see("Created orders-api")

    assert interview.end() == 0
    answers = (tmp_path / "orders-api" / ".copier-answers.yml").read_text(encoding="utf-8")
    assert "description: Takes orders." in answers
    assert "owner: '@acme/orders'" in answers
    assert "license: mit" in answers
    assert "longest_run_s: 29" in answers


def test_arrow_keys_choose_and_space_marks(talk: Callable[..., Conversation], tmp_path: Path) -> None:
    interview = talk("orders")

    interview.answer(TRIGGER, DOWN + DOWN + DOWN + UP + DOWN + ENTER)
    interview.answer(NEEDS, " " + ENTER)
    interview.answer_all("How much memory", "How many processors", TRAFFIC, AVERAGE)
    interview.see("Why may it depart from the policy")
    interview.child.send(CTRL_C)

    assert interview.end() == 130
    assert list(tmp_path.iterdir()) == []


def test_question_is_explained_on_request_and_asked_again(talk: Callable[..., Conversation]) -> None:
    interview = talk()

    interview.answer(TRIGGER, "?")
    interview.see("Kafka, Kinesis, SQS")
    interview.answer_all(TRIGGER, NEEDS, STATE)
    interview.answer(LONGEST, CLEAR_LINE + "?" + ENTER)
    interview.see("The slowest, not the average")
    interview.see(LONGEST)


def test_going_back_asks_again_and_forgets_the_answer(talk: Callable[..., Conversation]) -> None:
    interview = talk()

    interview.answer(TRIGGER, DOWN + DOWN + ENTER)
    interview.answer(NEEDS, "<")
    interview.answer(TRIGGER)
    interview.answer_all(NEEDS, STATE)
    interview.answer(LONGEST, CLEAR_LINE + "<" + ENTER)
    interview.see(STATE)


def test_first_question_has_nothing_before_it(talk: Callable[..., Conversation]) -> None:
    interview = talk()

    interview.answer(TRIGGER, "<")
    interview.see("This is the first question")
    interview.see(TRIGGER)


def test_decision_can_be_changed_before_anything_is_written(
    talk: Callable[..., Conversation], tmp_path: Path
) -> None:
    interview = talk("orders")

    interview.answer_all(*FACTS_OF_AN_API)
    interview.answer(CONFIRM, DOWN + ENTER)
    interview.answer(AVERAGE, CLEAR_LINE + "500" + ENTER)
    interview.answer(CONFIRM, DOWN + DOWN + ENTER)
    interview.see("nothing was written")

    assert interview.end() == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("question", "wrong", "words"),
    [
        (LONGEST, "soon", "number"),
        (LONGEST, "0", "more than 0"),
        (LONGEST, "nan", "number"),
        (OWNER, "two words", "@organisation/team"),
        (NAME, "../up", "single hyphens"),
        (NAME, "import", "Python"),
        (DESCRIPTION, "a\u202eb", "invisible"),
    ],
)
def test_wrong_answer_is_told_at_once_and_can_be_corrected(
    talk: Callable[..., Conversation], question: str, wrong: str, words: str
) -> None:
    interview = talk("orders")
    for asked in (*FACTS_OF_AN_API, CONFIRM, NAME, DESCRIPTION, OWNER):
        if asked == question:
            break
        interview.answer(asked)

    interview.answer(question, CLEAR_LINE + wrong + ENTER)
    interview.see(words)


def test_first_key_replaces_the_default_that_is_shown(talk: Callable[..., Conversation]) -> None:
    interview = talk()
    interview.answer_all(TRIGGER, NEEDS, STATE)

    interview.answer(LONGEST, "?" + ENTER)
    interview.see("The slowest, not the average")
    interview.answer(LONGEST, "x" + ENTER)
    interview.see("not a plain decimal number")


def test_contradiction_with_an_earlier_answer_is_told_at_once(talk: Callable[..., Conversation]) -> None:
    interview = talk()

    interview.answer_all(TRIGGER, NEEDS, STATE)
    interview.answer(LONGEST, CLEAR_LINE + "1" + ENTER)
    interview.answer_all(FITS, TRAFFIC)
    interview.answer(AVERAGE, CLEAR_LINE + "5000" + ENTER)
    interview.see("not longer than the slowest run")


def test_questions_that_cannot_matter_are_not_asked(talk: Callable[..., Conversation]) -> None:
    interview = talk()

    interview.answer(TRIGGER, DOWN + DOWN + ENTER)
    interview.answer(NEEDS)
    interview.see(LONGEST)

    assert STATE not in (interview.child.before or "")


def test_given_answers_are_not_asked(talk: Callable[..., Conversation]) -> None:
    interview = talk("-d", "trigger=schedule", "-d", "host_needs=none", "-d", "longest_run_s=60")

    interview.see(FITS)

    shown = interview.child.before or ""
    assert TRIGGER not in shown
    assert LONGEST not in shown


def test_wrong_given_answer_is_told_before_the_first_question(talk: Callable[..., Conversation]) -> None:
    interview = talk("-d", "longest_run_s=soon", "-d", "ci=jenkins")

    interview.see("2 answers are wrong")

    assert interview.end() == 2


def test_unusable_folder_is_told_before_the_first_question(
    talk: Callable[..., Conversation], tmp_path: Path
) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "mine").write_text("", encoding="utf-8")
    interview = talk("orders")

    interview.see("is not empty")

    assert interview.end() == 2


def test_shape_without_a_template_ends_without_files_and_with_the_decision(
    talk: Callable[..., Conversation], tmp_path: Path
) -> None:
    facts = (
        "trigger=connection_in",
        "protocol=mqtt",
        "state=required",
        "requests_per_month=1000",
        "longest_run_s=60",
        "critical=no",
        "wake_ok=yes",
        "memory_mb=512",
        "vcpu=1",
        "avg_run_ms=1000",
    )
    interview = talk("orders", *(word for fact in facts for word in ("-d", fact)))

    interview.answer_all(NEEDS)
    interview.see("AWS Fargate service")
    interview.answer("No repository can be made of this", DOWN + ENTER)

    assert interview.end() == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("question", [TRIGGER, NEEDS, LONGEST, CONFIRM, NAME, OWNER, LICENCE])
@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["interrupt", "end of input"])
def test_interview_ends_cleanly_at_any_question(
    talk: Callable[..., Conversation], tmp_path: Path, question: str, key: str
) -> None:
    interview = talk("orders")
    for asked in (*FACTS_OF_AN_API, CONFIRM, NAME, DESCRIPTION, OWNER, LICENCE):
        if asked == question:
            break
        interview.answer(asked, "acme" + ENTER if asked == OWNER else ENTER)

    # Only an empty line ends a terminal's input.
    interview.answer(question, CLEAR_LINE + key if question in {LONGEST, NAME} else key)
    interview.see("nothing was written")

    assert interview.end() == 130
    assert "Traceback" not in (interview.child.before or "")
    assert list(tmp_path.iterdir()) == []


def test_closed_terminal_ends_the_interview_without_files(
    talk: Callable[..., Conversation], tmp_path: Path
) -> None:
    interview = talk("orders")
    interview.see(TRIGGER)

    interview.child.close(force=True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("columns", [40, 80])
def test_narrow_terminal_breaks_questions_between_words(
    talk: Callable[..., Conversation], columns: int
) -> None:
    interview = talk(columns=columns)

    interview.answer_all("starts the work", "any of these", "Must memory", "slowest")
    interview.see("one unit")
    interview.see("not sure")

    words = re.sub(ESCAPE, "", interview.child.before or "")
    assert "temporary" in words
    assert "bodies" in words


@pytest.mark.parametrize("words", [{"NO_COLOR": "1"}, {}], ids=["NO_COLOR", "--no-color"])
def test_colour_can_be_switched_off(talk: Callable[..., Conversation], words: dict[str, str]) -> None:
    interview = talk(*([] if words else ["--no-color"]), **words)

    interview.answer(TRIGGER)
    interview.see(NEEDS)

    assert re.findall(r"\x1b\[[0-9;]*(?:3[0-7]|38|9[0-7])[;0-9]*m", interview.child.before or "") == []


def test_result_goes_to_standard_output_and_questions_do_not(
    talk: Callable[..., Conversation], tmp_path: Path
) -> None:
    shell = f"{sys.executable} -m generator orders --dry-run --format json > result.json"
    child = talk("--version").child
    child.close()
    interview = Conversation(
        pexpect.spawn(
            "/bin/sh",
            ["-c", shell],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PROMPT_TOOLKIT_NO_CPR": "1"},
            encoding="utf-8",
            timeout=20,
        )
    )

    interview.answer_all(*FACTS_OF_AN_API, CONFIRM, NAME, DESCRIPTION)
    interview.answer(OWNER, "acme" + ENTER)
    interview.answer(LICENCE)

    assert interview.end() == 0
    assert (tmp_path / "result.json").read_text(encoding="utf-8").startswith('{\n  "schema_version": 1')


def test_rarely_needed_questions_are_asked_on_request(talk: Callable[..., Conversation]) -> None:
    interview = talk("--expert", "-d", "trigger=http", "-d", "host_needs=none")

    interview.see("Which protocol do clients speak")
