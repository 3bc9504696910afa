"""The house keeps its shape: a core that knows no world, imports that point one way, readable modules."""

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "generator"

SHELL = {
    "__main__",
    "answers",
    "audit.command",
    "audit.discovery",
    "audit.files",
    "audit.documents",
    "audit.fleet_command",
    "audit.gitignore",
    "audit.instruction_files",
    "audit.judging",
    "audit.cli",
    "bytecode",
    "cli",
    "commands",
    "creation",
    "files",
    "git",
    "interview",
    "justify",
    "loading",
    "options",
    "policy_block",
    "policy_cli",
    "policy_commands",
    "policy_sync",
    "processes",
    "prompts",
    "releases",
    "render",
    "repository",
    "source",
    "target",
    "terminal",
    "upgrade.adoption",
    "upgrade.applying",
    "upgrade.checkout",
    "upgrade.deciding",
    "upgrade.fleet",
    "upgrade.journal",
    "upgrade.locking",
    "upgrade.merging",
    "upgrade.moving",
    "upgrade.one",
    "upgrade.stored",
    "upgrade.templates",
    "upgrade.undoing",
    "upgrade_cli",
    "upgrade_commands",
    "yamlfile",
}
"""Modules that read, ask, write and print. All others turn values into values."""

READERS = {
    "audit.catalogue",
    "audit.engine",
    "audit.formats.fleet_html",
    "audit.formats.html",
    "audit.readers.terraform",
    "policy",
    "prices",
    "upgrade.guide",
}
"""Core modules that read one packaged file each, and work on its text from there on."""

WORLD = {
    *("copier", "plumbum", "prompt_toolkit", "questionary", "typer", "yaml"),
    *("getpass", "importlib", "io", "logging", "os", "pathlib", "random", "shutil", "signal", "socket"),
    *("subprocess", "tempfile", "time", "urllib"),
}

LONGEST_MODULE = 250
LONGEST_FUNCTION = 50


@functools.cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its dotted name below it."""
    return {
        path.relative_to(PACKAGE)
        .with_suffix("")
        .as_posix()
        .replace("/", ".")
        .removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "_template" not in path.parts
    }


def imports(name: str, *, typing_only: bool = False) -> set[str]:
    """Return what a module imports when it runs; with `typing_only` also what only its annotations name."""
    tree = modules()[name]
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not typing_only
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = {part for part in parts if part.removeprefix("generator.") in modules()}
            found |= inner or {node.module}
    return found


def own_imports(name: str) -> set[str]:
    return {found.removeprefix("generator.") for found in imports(name) if found.startswith("generator.")}


CORE = sorted(name for name in modules() if name not in SHELL | {"generator"})


@pytest.mark.parametrize("name", CORE)
def test_core_knows_nothing_of_the_world(name: str) -> None:
    allowed = {"pathlib", "importlib", "os", "io"} if name in READERS else set()

    # Quoting an address is no network.
    found = imports(name) - {"urllib.parse"}
    assert {module.split(".")[0] for module in found} & WORLD <= allowed


@pytest.mark.parametrize("name", CORE)
def test_core_does_not_lean_on_the_shell(name: str) -> None:
    assert own_imports(name) & SHELL == set()


@pytest.mark.parametrize("name", CORE)
def test_core_does_not_print_open_or_ask_the_clock(name: str) -> None:
    calls = {ast.unparse(node.func) for node in ast.walk(modules()[name]) if isinstance(node, ast.Call)}

    assert (
        calls & {"print", "input", "open", "date.today", "datetime.now", "datetime.utcnow", "exec", "eval"}
        == set()
    )


def test_only_render_knows_copier() -> None:
    assert {
        name for name in modules() if any(found.split(".")[0] == "copier" for found in imports(name))
    } == {"render"}


def test_only_the_prompts_know_the_terminal_library() -> None:
    libraries = {"questionary", "prompt_toolkit"}

    assert {name for name in modules() if {found.split(".")[0] for found in imports(name)} & libraries} == {
        "prompts"
    }


def test_only_two_modules_start_programs() -> None:
    assert {name for name in modules() if "subprocess" in imports(name)} == {"git", "repository"}


def test_imports_go_in_no_circle() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for needed in sorted(own_imports(name) & modules().keys()):
                visit(needed, (*path, name))
            done.add(name)

    for module in modules():
        visit(module, ())


@pytest.mark.parametrize("name", modules())
def test_module_fits_on_a_few_screens(name: str) -> None:
    path = PACKAGE / f"{name.replace('.', '/')}.py"
    path = path if path.is_file() else PACKAGE / name.replace(".", "/") / "__init__.py"

    if name != "generator":
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("name", modules())
def test_function_fits_on_one_screen(name: str) -> None:
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(modules()[name])
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }

    assert long == {}


@pytest.mark.parametrize("name", modules())
def test_what_a_module_offers_is_listed_and_documented(name: str) -> None:
    tree = modules()[name]
    listed = {
        item
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for item in ast.literal_eval(node.value)
    }
    defined = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
    ]

    assert ast.get_docstring(tree)
    assert {node.name for node in defined} <= listed
    assert [node.name for node in defined if not ast.get_docstring(node)] == []


def test_modules_are_named_after_ideas() -> None:
    vague = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager"}

    assert {part for name in modules() for part in name.split(".")} & vague == set()


def test_every_import_is_of_a_declared_dependency() -> None:
    declared = {"copier", "jinja2", "pathspec", "platformdirs", "plotext", "yaml", "questionary", "typer"}
    # Copier and questionary are built on these two and show them in what they offer; the last is an extra.
    shown = {"plumbum", "prompt_toolkit", "hcl2"}
    found = {imported.split(".")[0] for name in modules() for imported in imports(name)}

    assert found - set(sys.stdlib_module_names) - {"generator"} <= declared | shown
