"""Renders a plan into a folder; the only module that knows Copier.

It takes Copier's fast path: with no git to be found, Copier starts no process, where it would start 14 and
one for each file. What Copier then cannot know, the template's published place and release, is written here.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import copier
import jinja2
import plumbum
import yaml
from copier.errors import CopierError

from generator import target
from generator.answers import ANSWERS_FILE
from generator.bytecode import compiling_once
from generator.errors import RenderError

if TYPE_CHECKING:
    from pathlib import Path

    from generator.plan import RenderPlan, TemplateSource

__all__ = ["questions", "render"]

_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C where it is installed: several times faster."""

_SOURCE_LINE = re.compile(r"^_src_path:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)
"""The template's place as YAML writes it; a long path goes on in indented lines."""


def render(plan: RenderPlan, folder: Path) -> tuple[str, ...]:
    """Create the planned repository, whole or not at all.

    Args:
        plan: Answers and template.
        folder: Path that `target.check` returned.

    Returns:
        Every file, as sorted POSIX paths relative to the folder.

    Raises:
        RenderError: The template does not accept the answers or cannot be rendered.
        TargetError: The folder cannot be created.
    """
    _check_keys(plan)
    if folder.is_relative_to(plan.template.root / "templates"):
        raise RenderError(f"{folder} lies inside the templates", hint="choose a folder outside of them")
    with target.appear_whole(folder) as filling:
        _run_copier(plan, filling)
        _write_origin(filling / ANSWERS_FILE, plan.template)
        return tuple(
            sorted(path.relative_to(filling).as_posix() for path in filling.rglob("*") if not path.is_dir())
        )


def _run_copier(plan: RenderPlan, folder: Path) -> None:
    try:
        # plumbum keeps its own copy of the environment; os.environ would not reach Copier.
        with (
            plumbum.local.env(PATH=""),
            warnings.catch_warnings(),
            compiling_once(f"copier-{copier.__version__}"),
        ):
            warnings.simplefilter("ignore")
            copier.run_copy(
                str(plan.template.root),
                folder,
                data=dict(plan.answers),
                defaults=True,
                quiet=True,
                settings=copier.Settings(),
                skip_tasks=True,
            )
    except (CopierError, jinja2.TemplateError, yaml.YAMLError, plumbum.ProcessExecutionError) as error:
        raise RenderError(f"the {plan.tier} template cannot be rendered: {_words(error)}") from error
    except (ValueError, TypeError) as error:
        # Copier raises these for answers that its own questions refuse.
        raise RenderError(f"the {plan.tier} template refuses the answers: {_words(error)}") from error
    except OSError as error:
        raise RenderError(f"cannot write the repository: {_words(error)}") from error


def _check_keys(plan: RenderPlan) -> None:
    """Refuse answers that the template has no question for, because Copier would drop them without a word."""
    asked = questions(plan.template)
    unknown = sorted(key for key in plan.answers if key not in asked)
    if unknown:
        raise RenderError(f"the template has no question for {', '.join(unknown)}")


def questions(template: TemplateSource) -> frozenset[str]:
    """Return the key of every question that a template asks.

    Raises:
        RenderError: Its copier.yml cannot be read.
    """
    try:
        text = (template.root / "copier.yml").read_text(encoding="utf-8")
        loaded = yaml.load(text, Loader=_SafeLoader)  # noqa: S506  it is the safe one
    except (OSError, yaml.YAMLError) as error:
        raise RenderError(f"the template's copier.yml cannot be read: {_words(error)}") from error
    if not isinstance(loaded, dict):
        raise RenderError("the template's copier.yml holds no questions")
    return frozenset(str(key) for key in loaded if not str(key).startswith("_"))


def _write_origin(answers_file: Path, template: TemplateSource) -> None:
    """Name the template's published place and release in the answers file, as Copier does from a clone."""
    try:
        text = answers_file.read_text(encoding="utf-8")
        origin = {"_commit": template.ref, "_src_path": template.url}
        lines = "".join(yaml.safe_dump({key: value}, width=10_000) for key, value in origin.items())
        written = _SOURCE_LINE.sub(lambda _: lines, text, count=1)
        loaded = yaml.load(written, Loader=_SafeLoader)  # noqa: S506  it is the safe one
    except (OSError, yaml.YAMLError) as error:
        raise RenderError(f"the rendered {ANSWERS_FILE} cannot be read: {_words(error)}") from error
    if not isinstance(loaded, dict) or {key: loaded.get(key) for key in origin} != origin:
        raise RenderError(
            f"the rendered {ANSWERS_FILE} does not name the template; it could never be upgraded"
        )
    answers_file.write_text(written, encoding="utf-8")


def _words(error: BaseException) -> str:
    """Return an error of another library on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__
