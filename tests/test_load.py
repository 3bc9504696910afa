"""`make load` is there for an HTTP API that it can call, and for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Render


@pytest.mark.parametrize(
    ("changed", "there"),
    [
        ({}, True),
        ({"authorisation": "jwt"}, True),
        ({"front": "function-url"}, True),
        ({"authorisation": "iam"}, False),
        ({"trigger": "event", "event_kind": "queue"}, False),
    ],
    ids=str,
)
def test_load_is_where_it_can_call(render_service: Render, changed: dict[str, object], there: bool) -> None:  # noqa: FBT001
    repository = render_service(changed)

    makefile, readme = ((repository / name).read_text(encoding="utf-8") for name in ("Makefile", "README.md"))
    assert (repository / "scripts" / "load.py").is_file() == there
    assert ("\nload: ##" in makefile, "`make load ENV=dev`" in readme) == (there, there)
