"""Keeps what Jinja has compiled, for this process and for the next ones.

A template has several hundred texts, and compiling them is the longest part of rendering it. They are kept as
Python keeps the bytecode of modules: written beside and renamed, never where PYTHONDONTWRITEBYTECODE forbids
it, and a file that cannot be read or written costs time only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import platformdirs
from jinja2.bccache import Bucket, FileSystemBytecodeCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

__all__ = ["FOLDER_VARIABLE", "compiling_once"]

FOLDER_VARIABLE = "NEW_SERVICE_CACHE"
"""The environment variable that names another folder than the user's for caches."""

_MOST_KEPT = 4096
_VERSIONS_KEPT = 4
"""Several installations may take turns."""
_SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
    *("comment_start_string", "comment_end_string", "line_statement_prefix", "line_comment_prefix"),
    *("trim_blocks", "lstrip_blocks", "newline_sequence", "keep_trailing_newline"),
    *("optimized", "autoescape"),
)
"""What of an environment makes the code of a text."""

_compiled: dict[str, CodeType] = {}


@contextlib.contextmanager
def compiling_once(made_by: str) -> Iterator[None]:
    """Let Jinja compile equal texts once.

    Copier makes an environment for each render, and compiles anew each default, condition and part of a path
    as often as it needs it; Jinja's own cache is for files alone, and tells them by their folder.

    Args:
        made_by: What makes the environments, with its version: its extensions have a say in the code.
    """
    compile_anew: Callable[..., CodeType] = jinja2.Environment.compile
    cache = _cache(made_by)

    def compile_once(
        environment: jinja2.Environment,
        source: str,
        name: str | None = None,
        filename: str | None = None,
        **more: bool,
    ) -> CodeType:
        # A function has no name by which to tell it from a later one; and Copier tries what is no text too.
        if environment.finalize or callable(environment.autoescape) or not isinstance(source, str):
            return compile_anew(environment, source, name, filename, **more)
        # Extensions may act on each text that passes, compiled or not.
        text = environment.preprocess(source, name, filename)
        key = _key(environment, text, name, more)
        if key not in _compiled:
            if len(_compiled) >= _MOST_KEPT:
                _compiled.clear()
            code = _read(cache, environment, key)
            if code is None:
                code = compile_anew(environment, source, name, filename, **more)
                _write(cache, environment, key, code)
            _compiled[key] = code
        return _compiled[key]

    jinja2.Environment.compile = compile_once  # type: ignore[assignment]
    try:
        yield
    finally:
        jinja2.Environment.compile = compile_anew  # type: ignore[assignment]


def _key(environment: jinja2.Environment, text: str, name: str | None, more: dict[str, bool]) -> str:
    syntax = [getattr(environment, attribute) for attribute in _SYNTAX]
    told = (type(environment).__qualname__, sorted(environment.extensions), syntax, sorted(more.items()))
    return hashlib.sha256(repr((*told, name, text)).encode(errors="surrogatepass")).hexdigest()


def _cache(made_by: str) -> FileSystemBytecodeCache | None:
    """Return what is kept on disk for these versions; None where nothing can be."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    versions = f"{sys.implementation.cache_tag}-jinja-{jinja2.__version__}-{made_by}"
    try:
        folder = Path(chosen) if chosen else platformdirs.user_cache_path("new-service", appauthor=False)
        kept = folder / "jinja" / versions
        if not kept.is_dir() and not sys.dont_write_bytecode:
            kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            _forget_versions(kept.parent)
        if sum(1 for _ in kept.iterdir()) > _MOST_KEPT:
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        # Without a home there is nowhere to keep anything.
        return None
    return FileSystemBytecodeCache(str(kept), "%s.cache")


def _forget_versions(folder: Path) -> None:
    """Leave those that were written last: what went before is of no use any more."""
    by_age = sorted(folder.iterdir(), key=lambda version: version.stat().st_mtime, reverse=True)
    for version in by_age[_VERSIONS_KEPT:]:
        shutil.rmtree(version, ignore_errors=True)


def _read(
    cache: FileSystemBytecodeCache | None, environment: jinja2.Environment, key: str
) -> CodeType | None:
    if cache is None:
        return None
    bucket = Bucket(environment, key, key)
    # Whatever is wrong with what was kept, it is compiled anew.
    with contextlib.suppress(Exception):
        cache.load_bytecode(bucket)
    return bucket.code


def _write(
    cache: FileSystemBytecodeCache | None, environment: jinja2.Environment, key: str, code: CodeType
) -> None:
    if cache is None or sys.dont_write_bytecode:
        return
    bucket = Bucket(environment, key, key)
    bucket.code = code
    with contextlib.suppress(OSError):
        cache.dump_bytecode(bucket)
