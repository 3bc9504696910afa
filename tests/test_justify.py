"""`justify` records an exception that the audit then excuses, or writes nothing and says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

RECORD = ".new-service/justifications.toml"
GIVEN = {
    "--id": "licence-server",
    "--rule": "SF206",
    "--resource": "Server",
    "--category": "licence",
    "--reason": 'The vendor\'s licence counts "sockets" of a host \\ nothing else.',
    "--alternative": "fargate-service",
    "--owner": "@example/platform",
    "--approved-by": "Ada",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    text = "Resources:\n  Server: {Type: AWS::EC2::Instance, Properties: {InstanceType: t3.small}}\n"
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def record(repository: Path, **changed: str | None) -> int:
    options = {**GIVEN, **{f"--{key.replace('_', '-')}": value for key, value in changed.items()}}
    words = [word for key, value in options.items() if value is not None for word in (key, value)]
    return main(["justify", str(repository), "--rule", "SF101", *words])


def test_a_recorded_exception_is_excused(repository: Path) -> None:
    assert main(["audit", str(repository)]) == 1

    assert record(repository) == 0

    assert main(["audit", str(repository), "--strict"]) == 0
    assert main(["audit", str(repository), "--no-waivers"]) == 1


def test_entries_are_added_and_the_old_ones_stay_as_they_are(repository: Path) -> None:
    record(repository)
    first = (repository / RECORD).read_text(encoding="utf-8")

    assert record(repository, id="second") == 0

    assert (repository / RECORD).read_text(encoding="utf-8").startswith(first)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"reason": None}, "reason: not answered"),
        ({"owner": None, "approved_by": None}, "2 answers are wrong"),
        ({"rule": "SF999"}, "rules = SF999: is no code of a rule"),
        ({"category": "habit"}, "its category is none of licence"),
        ({"alternative": None}, "`alternatives` is missing"),
        ({"expires": "soon"}, "expires = soon: is no day"),
        ({"expires": "2020-01-01"}, "it expired on 2020-01-01"),
        ({"expires": "2999-01-01"}, "it lasts longer than 180 days"),
        ({"reason": "short"}, "its reason is shorter than 20 characters"),
    ],
)
def test_an_exception_that_would_not_hold_is_refused(
    repository: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, str | None], problem: str
) -> None:
    assert record(repository, **changed) == 2
    assert problem in capsys.readouterr().err
    assert not (repository / RECORD).exists()


def test_the_same_name_twice_is_refused_and_nothing_changes(repository: Path) -> None:
    record(repository)
    before = (repository / RECORD).read_bytes()

    assert record(repository) == 2
    assert (repository / RECORD).read_bytes() == before
