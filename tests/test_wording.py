"""Small words of messages."""

from __future__ import annotations

import pytest

from generator.wording import listed


@pytest.mark.parametrize(
    ("count", "last"),
    [
        pytest.param(1, "  0.py", id="one"),
        pytest.param(10, "  9.py", id="as many as are shown"),
        pytest.param(12, "  and 2 more", id="more than that"),
    ],
)
def test_files_are_listed_up_to_a_few(count: int, last: str) -> None:
    lines = listed([f"{number}.py" for number in range(count)]).splitlines()

    assert (lines[0], lines[-1], len(lines)) == ("  0.py", last, min(count, 11))


def test_name_of_a_file_cannot_write_a_line_of_its_own() -> None:
    assert listed(["a\nerror: b"]) == "  a\\u000aerror: b"
