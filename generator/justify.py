"""What `justify` does: asks for what is missing, and records an exception that holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from generator import files, terminal
from generator.audit import justifications
from generator.audit.catalogue import load_rules
from generator.errors import AnswerProblem, AnswersError, NewServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

__all__ = ["as_toml", "justify"]

LISTS = ("rules", "resources", "alternatives")
_QUESTIONS: Mapping[str, tuple[str, str]] = {
    "id": ("What shall the entry be called?", "A short name, as `licence-server`; findings show it."),
    "rules": (
        "Which rules does it excuse?",
        "Their codes, joined by commas, as the audit shows them: SF101,SF206.",
    ),
    "resources": (
        "Which resources?",
        "Patterns joined by commas: a logical id, or file/LogicalId; * is anything.",
    ),
    "category": ("Of which kind is the reason?", f"One of {', '.join(justifications.CATEGORIES)}."),
    "reason": (
        "Why is there no other way?",
        "At least twenty characters that an auditor understands in a year.",
    ),
    "alternatives": (
        "Which tiers were considered?",
        "Joined by commas; needed for EC2: lambda, fargate-task, fargate-service.",
    ),
    "owner": ("Who owns it?", "A person or team that answers for it, as @example/platform."),
    "approved_by": ("Who approved it?", "A name."),
    "expires": ("Until when does it hold?", "A day, as 2026-03-31; at most 180 days for EC2, 365 otherwise."),
}


def justify(path: str, given: Mapping[str, str]) -> int:
    """Record an exception in a repository.

    Args:
        path: Root of the repository.
        given: What was said on the command line; lists are joined by commas.

    Returns:
        0 when it was recorded.

    Raises:
        AnswersError: Something is missing or wrong; nothing is written.
        NewServiceError: The folder or the file cannot be used.
    """
    root = Path(path)
    if not root.is_dir():
        raise NewServiceError(f"justify {path}: no folder", hint="name the root of a repository")
    today = datetime.now(tz=UTC).date()
    answers = _completed(dict(given), today)
    entry = as_toml(answers, today)
    file = root / justifications.FILE
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    _refuse(before, entry, today)
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as error:
        hint = "make the folder writable"
        raise NewServiceError(f"{file.parent} cannot be made: {error.strerror}", hint=hint) from error
    files.write_whole(file, f"{before.rstrip()}\n\n{entry}" if before.strip() else entry)
    terminal.data(f"recorded {answers['id']} in {justifications.FILE}, until {answers['expires']}")
    terminal.say("Next: give the file an owner in CODEOWNERS, and commit it with what it excuses.")
    return 0


def _completed(answers: dict[str, str], today: date) -> dict[str, str]:
    """Return every answer; in a terminal a person is asked for those that are missing."""
    is_ec2 = bool(justifications.EC2_RULES & set(_split(answers.get("rules", ""))))
    longest = justifications.LONGEST_DAYS["ec2" if is_ec2 else "other"]
    latest = (today + timedelta(days=longest)).isoformat()
    if terminal.can_ask():
        from generator.prompts import Prompt, ask

        for key, (text, help_text) in _QUESTIONS.items():
            while not answers.get(key) and not (key == "alternatives" and not is_ec2):
                default = latest if key == "expires" else None
                reply = ask(Prompt(text=text, help=help_text, kind="typed", default=default))
                answers[key] = reply if isinstance(reply, str) else ""
                is_ec2 = bool(justifications.EC2_RULES & set(_split(answers.get("rules", ""))))
    answers.setdefault("expires", latest)
    problems = tuple(_problems(answers))
    if problems:
        raise AnswersError(problems)
    return answers


def _problems(answers: Mapping[str, str]) -> Iterator[AnswerProblem]:
    for key, (_, help_text) in _QUESTIONS.items():
        if not answers.get(key) and key != "alternatives":
            yield AnswerProblem(key=key, value="", problem="not answered", allowed=help_text)
    known = {rule.code for rule in load_rules().values()}
    for code in _split(answers.get("rules", "")):
        if code not in known:
            yield AnswerProblem(
                key="rules", value=code, problem="is no code of a rule", allowed=", ".join(sorted(known))
            )
    try:
        datetime.fromisoformat(answers["expires"]).date()
    except ValueError:
        yield AnswerProblem(
            key="expires", value=answers["expires"], problem="is no day", allowed="as 2026-03-31"
        )


def _refuse(before: str, entry: str, today: date) -> None:
    """Refuse an entry that would not hold.

    Raises:
        AnswersError: With everything that is wrong with it.
    """
    _, old = justifications.parse(before, file=justifications.FILE, today=today)
    _, new = justifications.parse(f"{before}\n{entry}", file=justifications.FILE, today=today)
    wrong = [one.problem for one in new if one.kind == "invalid"]
    for problem in (one.problem for one in old if one.kind == "invalid"):
        if problem in wrong:
            wrong.remove(problem)
    if wrong:
        raise AnswersError(tuple(AnswerProblem(key="entry", value="", problem=problem) for problem in wrong))


def as_toml(answers: Mapping[str, str], today: date) -> str:
    """Return an entry as its table."""
    lines = ["[[justification]]"]
    for key in (*_QUESTIONS, "ticket"):
        value = answers.get(key, "")
        if key in LISTS and value:
            lines.append(f"{key} = [{', '.join(_quoted(item) for item in _split(value))}]")
        elif key == "expires":
            lines += [f"created = {today.isoformat()}", f"expires = {value}"]
        elif value:
            lines.append(f"{key} = {_quoted(value)}")
    return "\n".join(lines) + "\n"


def _split(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _quoted(text: str) -> str:
    """Return a basic string of TOML, whatever is in the text."""
    import json

    return json.dumps(" ".join(text.split()), ensure_ascii=False)
