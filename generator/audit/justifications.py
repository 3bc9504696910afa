"""The recorded exceptions of a repository: `.new-service/justifications.toml`, checked.

An entry that does not hold excuses nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CATEGORIES", "FILE", "KEYS", "LONGEST_DAYS", "Justification", "JustificationProblem", "parse"]

FILE = ".new-service/justifications.toml"
CATEGORIES = ("licence", "gpu", "kernel", "latency-proven", "regulatory", "migration", "critical", "other")
KEYS = (
    "id",
    "rules",
    "resources",
    "category",
    "reason",
    "alternatives",
    "owner",
    "approved_by",
    "created",
    "expires",
)
OPTIONAL = ("ticket", "alternatives")
EC2_RULES = frozenset({"SF101", "SF205", "SF206"})
LONGEST_DAYS = {"ec2": 180, "other": 365}
SHORTEST_REASON = 20
SOON_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """One recorded exception that holds today.

    Attributes:
        rules: Codes of the rules that it excuses.
        resources: Patterns of `file/LogicalId`, or of a logical id alone.
        line: Where its table begins.
    """

    id: str
    rules: tuple[str, ...]
    resources: tuple[str, ...]
    category: str
    reason: str
    alternatives: tuple[str, ...]
    owner: str
    approved_by: str
    created: date
    expires: date
    ticket: str
    line: int

    def excuses(self, code: str, file: str, resource: str) -> bool:
        """Tell whether it is about a rule at a resource."""
        names = (f"{file}/{resource}", resource)
        return code in self.rules and any(
            fnmatchcase(name, wanted) for name in names for wanted in self.resources
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JustificationProblem:
    """What is wrong with an entry.

    Attributes:
        kind: `invalid` entries excuse nothing; `doubtful` ones do, for now.
    """

    id: str
    file: str
    line: int
    kind: Literal["invalid", "doubtful"]
    problem: str


def parse(
    text: str, *, file: str, today: date
) -> tuple[tuple[Justification, ...], tuple[JustificationProblem, ...]]:
    """Return the entries that hold today, and what is wrong with the others."""
    try:
        entries = tomllib.loads(text).get("justification", [])
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else 1
        return (), (
            JustificationProblem(
                id="?", file=file, line=line, kind="invalid", problem=f"the file is no TOML: {error}"
            ),
        )
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problem = "entries are tables [[justification]]"
        return (), (JustificationProblem(id="?", file=file, line=1, kind="invalid", problem=problem),)
    lines = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("[[justification]]")
    ]
    hold: list[Justification] = []
    problems: list[JustificationProblem] = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        line = lines[index] if index < len(lines) else 1
        name = str(entry.get("id", "?"))
        wrong = list(_problems(entry, today)) + (["its id is used twice"] if name in seen else [])
        seen.add(name)
        problems += [
            JustificationProblem(id=name, file=file, line=line, kind="invalid", problem=text)
            for text in wrong
        ]
        if not wrong:
            hold.append(_justification(entry, line))
            left = (hold[-1].expires - today).days
            if left <= SOON_DAYS:
                soon = f"expires in {left} days" if left else "expires today"
                problems.append(
                    JustificationProblem(id=name, file=file, line=line, kind="doubtful", problem=soon)
                )
    return tuple(hold), tuple(problems)


def _problems(entry: Mapping[str, Any], today: date) -> Iterator[str]:
    known = {*KEYS, *OPTIONAL}
    yield from (f"it has no key `{key}`" for key in sorted(entry.keys() - known))
    missing = [key for key in KEYS if key not in OPTIONAL and not entry.get(key)]
    yield from (f"`{key}` is missing" for key in missing)
    for key in ("rules", "resources", "alternatives"):
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            yield f"`{key}` is a list of texts"
            return
    dates = {key: entry.get(key) for key in ("created", "expires")}
    if any(not isinstance(day, date) or isinstance(day, datetime) for day in dates.values() if day):
        yield "`created` and `expires` are days, as 2026-03-31 without quotes"
        return
    if missing:
        return
    if len(" ".join(str(entry["reason"]).split())) < SHORTEST_REASON:
        yield f"its reason is shorter than {SHORTEST_REASON} characters"
    if entry["category"] not in CATEGORIES:
        yield f"its category is none of {', '.join(CATEGORIES)}"
    yield from _term(entry, today)


def _term(entry: Mapping[str, Any], today: date) -> Iterator[str]:
    is_ec2 = bool(EC2_RULES & set(entry["rules"]))
    if is_ec2 and not entry.get("alternatives"):
        yield "`alternatives` is missing: which tiers were considered"
    longest = LONGEST_DAYS["ec2" if is_ec2 else "other"]
    if entry["created"] > today:
        yield f"it was created in the future, on {entry['created']}"
    if entry["expires"] < today:
        yield f"it expired on {entry['expires']}"
    elif (entry["expires"] - entry["created"]).days > longest:
        yield f"it lasts longer than {longest} days"


def _justification(entry: Mapping[str, Any], line: int) -> Justification:
    return Justification(
        id=str(entry["id"]),
        rules=tuple(entry["rules"]),
        resources=tuple(entry["resources"]),
        category=str(entry["category"]),
        reason=str(entry["reason"]),
        alternatives=tuple(entry.get("alternatives", ())),
        owner=str(entry["owner"]),
        approved_by=str(entry["approved_by"]),
        created=entry["created"],
        expires=entry["expires"],
        ticket=str(entry.get("ticket", "")),
        line=line,
    )
