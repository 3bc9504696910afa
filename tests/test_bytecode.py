"""What Jinja compiled is kept for the next process; whatever is wrong with it, the same is rendered."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import jinja2
import pytest
from rendering import render_example

from generator import bytecode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Render = Callable[[], dict[str, bytes]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for caches that does not exist yet."""
    monkeypatch.setenv(bytecode.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "cache"


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Render:
    """Render an example as a process does that has just begun."""

    def render() -> dict[str, bytes]:
        monkeypatch.setattr(bytecode, "_compiled", {})
        folder = tmp_path / "service"
        shutil.rmtree(folder, ignore_errors=True)
        return {name: (folder / name).read_bytes() for name in render_example(folder)}

    return render


def kept(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_next_process_compiles_nothing(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    first = render()
    compiled: list[object] = []
    compile_anew = jinja2.Environment.compile

    def remember(environment: jinja2.Environment, source: object, *others: object) -> object:
        compiled.append(source)
        return compile_anew(environment, source, *others)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", remember)
    assert render() == first
    # What is no text cannot be compiled.
    assert [source for source in compiled if isinstance(source, str)] == []


@pytest.mark.parametrize(
    "damage", [b"", b"j2", b"\x80garbage", None], ids=["empty", "cut", "garbage", "folder"]
)
def test_damaged_files_change_nothing_that_is_rendered(
    render: Render, cache: Path, damage: bytes | None
) -> None:
    first = render()
    for path in kept(cache):
        whole = path.read_bytes()
        if damage is None:
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(whole[:40] + damage if damage.startswith(b"\x80") else damage)

    assert render() == first


def test_where_nothing_can_be_kept_it_is_rendered_all_the_same(render: Render, cache: Path) -> None:
    cache.write_text("a file where the folder would be", encoding="utf-8")

    assert "README.md" in render()
    assert cache.read_text(encoding="utf-8") == "a file where the folder would be"


def test_nothing_is_written_where_python_may_not_keep_bytecode_either(
    render: Render, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert "README.md" in render()
    assert not cache.exists()


def test_of_other_versions_those_that_were_written_last_are_left(render: Render, cache: Path) -> None:
    for age in range(6):
        old = cache / "jinja" / f"cpython-38-jinja-2.{age}-copier-1.0"
        old.mkdir(parents=True)
        os.utime(old, (1_000 - age, 1_000 - age))

    render()

    left = {path.name for path in (cache / "jinja").glob("cpython-38-*")}
    assert left == {f"cpython-38-jinja-2.{age}-copier-1.0" for age in range(3)}
    assert kept(cache)


def test_cache_does_not_grow_for_ever(render: Render, cache: Path) -> None:
    render()
    (folder,) = (cache / "jinja").iterdir()
    for number in range(5_000):
        (folder / f"{number}.cache").touch()

    render()

    assert 0 < len(kept(cache)) < 5_000


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        pytest.param(
            "[[ name ]] {{ name }}",
            {"variable_start_string": "[[", "variable_end_string": "]]"},
            id="brackets",
        ),
        pytest.param("{% if name %}\nyes\n{% endif %}", {"trim_blocks": True}, id="trimmed blocks"),
        pytest.param("{{ name }}\n", {"keep_trailing_newline": True}, id="last newline"),
        pytest.param("{{ name }}", {"autoescape": True}, id="escaped"),
        pytest.param("{{ name }}", {"finalize": lambda value: f"{value}!"}, id="finalised"),
    ],
)
def test_equal_texts_of_another_syntax_are_not_taken_for_the_same(
    text: str, syntax: dict[str, object]
) -> None:
    def rendered(**chosen: object) -> str:
        return jinja2.Environment(**chosen).from_string(text).render(name="<a>")  # type: ignore[arg-type]  # noqa: S701

    plain, other = rendered(), rendered(**syntax)
    assert plain != other
    with bytecode.compiling_once("test"):
        assert (rendered(), rendered(**syntax)) == (plain, other)
