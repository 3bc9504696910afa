"""A file is written whole, keeps what is not its text, and an obstacle is said to a person."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.errors import NewServiceError
from generator.files import write_whole


def test_a_new_file_can_be_read_by_everybody(tmp_path: Path) -> None:
    file = tmp_path / "report.json"

    write_whole(file, "one\r\ntwo\n")

    assert file.read_bytes() == b"one\r\ntwo\n"
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("before", encoding="utf-8")
    file.chmod(0o600)
    link.symlink_to(file)

    write_whole(link, "after")

    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "after"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_name_that_is_no_utf_8_is_written_as_it_is(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", os.fsdecode(b"caf\xe9"))

    assert (tmp_path / "file").read_bytes() == b"caf\xe9"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    write_whole(pipe, "text")

    assert os.read(reader, 10) == b"text"
    os.close(reader)


def test_what_breaks_off_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("before", encoding="utf-8")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(NewServiceError, match="cannot be written: no space left on device"):
        write_whole(file, "after")

    assert file.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("place", ["missing/file", "folder", "loop"])
def test_an_impossible_place_is_said(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(NewServiceError, match="cannot be written"):
        write_whole(tmp_path / place, "text")
