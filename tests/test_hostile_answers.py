"""Free text that tries to be something else stays text in every file that carries it."""

from __future__ import annotations

import ast
import html
import json
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from toolbox import tool

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Render

TEXTS = {
    "double quotes": 'Say "hi" to "all"',
    "single quotes": "it's the user's",
    "jinja expression": "{{ 7 * 7 }} {{ project_name }}",
    "jinja statement": "{% raw %}x{% endraw %} {# gone #}",
    "yaml": "a: b # c, - d, [e], &f *g !h |i >j %k @l `m`",
    "yaml word": "yes",
    "yaml null": "~",
    "yaml number": "1e3",
    "yaml document": "---",
    "shell": "$(touch pwned) `touch pwned` ; touch pwned & | > pwned $HOME ${HOME}",
    "make": "$(shell touch pwned) $$ %",
    "toml": '"""',
    "python": '""" + __import__("os").name + """',
    "backslashes": "C:\\new\\table \\u0041 \\",
    "html": "<script>alert(1)</script> <!-- x --> &amp;",
    "markdown": "# h [x](javascript:x) ![y](z) | t | *b* _i_ ~~s~~ `c`",
    "github expression": "${{ secrets.TOKEN }} ${{ github.token }}",
    "cloudformation": "${AWS::AccountId} !Sub x {{resolve:ssm:x}}",
    "right to left": "שלום עולם مرحبا",
    "combining": "a\u0301\u0302\u0303b Zalgo\u0335\u0321",
    "beyond the basic plane": "🦄 \U0001d518",
    "long": "word " * 39 + "end",
}


@pytest.fixture(params=TEXTS.values(), ids=TEXTS.keys())
def described(request: pytest.FixtureRequest, render_service: Render) -> tuple[Path, str]:
    """Return a repository with a hostile description, and the description as it is kept."""
    folder = render_service({"description": request.param})
    stored = yaml.safe_load((folder / ".copier-answers.yml").read_text(encoding="utf-8"))
    return folder, stored["description"]


def test_description_is_kept_letter_by_letter(described: tuple[Path, str]) -> None:
    folder, description = described

    metadata = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["description"] == description
    shown = html.unescape(readable(folder / "README.md"))
    assert letters(description) in letters(shown)


def test_every_file_still_parses(described: tuple[Path, str], render_service: Render) -> None:
    folder, _ = described
    plain = render_service()

    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py" and readable(path) != readable(plain / path.relative_to(folder)):
            ast.parse(readable(path), str(path))
        elif path.suffix == ".json":
            json.loads(readable(path))
        elif path.suffix == ".toml":
            tomllib.loads(readable(path))
        elif path.suffix in {".yml", ".yaml"}:
            list(yaml.compose_all(readable(path)))


def test_structure_is_the_same_as_with_a_plain_description(
    described: tuple[Path, str], render_service: Render
) -> None:
    folder, _ = described
    plain = render_service()

    assert {path.relative_to(folder) for path in folder.rglob("*")} == {
        path.relative_to(plain) for path in plain.rglob("*")
    }
    for name in ("template.yaml", ".github/workflows/ci.yml"):
        if (plain / name).is_file():
            assert keys_of(folder / name) == keys_of(plain / name)


def test_make_runs_nothing_of_it(described: tuple[Path, str]) -> None:
    folder, _ = described

    subprocess.run([tool("make"), "help"], cwd=folder, check=True, capture_output=True)

    assert not (folder / "pwned").exists()


def readable(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def letters(text: str) -> str:
    """Return a text without spaces and backslashes, which wrap and escape it in Markdown."""
    return re.sub(r"[\s\\]", "", text)


def keys_of(path: Path) -> list[str]:
    """Return every key of a YAML file, in order."""

    def walk(node: yaml.Node) -> list[str]:
        if isinstance(node, yaml.MappingNode):
            return [found for key, value in node.value for found in (str(key.value), *walk(value))]
        return (
            [found for item in node.value for found in walk(item)]
            if isinstance(node, yaml.SequenceNode)
            else []
        )

    return walk(yaml.compose(readable(path)))
