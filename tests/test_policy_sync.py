"""The stamped block of the policy: found, checked, written between its markers, and nothing else touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import policy_block, stamp
from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = policy_block.current()
VERSION = policy_block.version()
KNOWN = policy_block.known_hashes()


def problems(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.problem) for one in stamp.checked(text, KNOWN, VERSION)[1]]


def test_todays_block_is_known() -> None:
    assert problems(BLOCK) == []
    assert stamp.checked(BLOCK, KNOWN, VERSION)[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (BLOCK.replace("\n", "\r\n"), []),
        (BLOCK.replace("serverless first\n", "serverless first  \n"), []),
        (
            BLOCK.replace("AWS Lambda", "Amazon EC2"),
            [("altered", "it was edited: its text is not what was stamped")],
        ),
        (BLOCK + BLOCK, [("altered", "the file has a second block")]),
        (BLOCK.replace("<!-- new-service:policy:end -->", ""), [("altered", "its end marker is missing")]),
        (
            BLOCK.replace(f"version={VERSION}", "version=1999.01"),
            [("altered", "it names version 1999.01, which never was")],
        ),
    ],
)
def test_a_block_is_checked(text: str, wanted: list[tuple[str, str]]) -> None:
    assert problems(text) == wanted


def test_a_forged_block_is_told_although_its_own_hash_fits() -> None:
    [block] = stamp.blocks(BLOCK)
    assert isinstance(block, stamp.Block)
    body = block.body.replace("the default", "a choice")
    forged = BLOCK.replace(block.body, body).replace(block.sha256, stamp.digest(body))

    assert problems(forged) == [("altered", f"its text is not that of version {VERSION}")]


def test_an_older_block_is_stale() -> None:
    _, [problem] = stamp.checked(BLOCK, KNOWN, "2099.01")

    assert (problem.kind, problem.line) == ("stale", 1)


@given(before=st.text(alphabet="ab\n #@", max_size=40), after=st.text(alphabet="ab\n #@", max_size=40))
def test_only_what_is_between_the_markers_changes(before: str, after: str) -> None:
    old = BLOCK.strip("\n").replace(VERSION, "2020.01").replace("AWS Lambda", "something else")

    made = stamp.with_block(f"{before}\n{old}{after}", BLOCK)

    assert made == f"{before}\n{BLOCK.strip(chr(10))}{after}"
    assert stamp.with_block(made, BLOCK) == made


def test_sync_writes_what_every_agent_needs_and_then_has_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "GEMINI.md").write_text("# Ours\n", encoding="utf-8")
    (tmp_path / "AGENTS.md").write_bytes(b"# Ours\r\n\r\nKeep this.\r\n")

    assert main(["policy", "sync", str(tmp_path), "--check"]) == 1
    assert main(["policy", "sync", str(tmp_path)]) == 0
    assert main(["policy", "sync", str(tmp_path), "--check"]) == 0

    agents = (tmp_path / "AGENTS.md").read_bytes()
    assert agents.startswith(b"# Ours\r\n\r\nKeep this.\r\n\r\n<!-- new-service:policy:begin")
    assert b"\n" not in agents.replace(b"\r\n", b"")
    assert (tmp_path / "CLAUDE.md").read_text(encoding="utf-8") == "@AGENTS.md\n"
    assert (tmp_path / "GEMINI.md").read_text(encoding="utf-8") == "# Ours\n\n@./AGENTS.md\n"
    assert main(["audit", str(tmp_path), "--strict"]) == 0
    assert "would write AGENTS.md: the block of" in capsys.readouterr().out


def test_sync_refuses_broken_markers_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = BLOCK.replace("<!-- new-service:policy:end -->", "")
    (tmp_path / "AGENTS.md").write_text(broken, encoding="utf-8")

    assert main(["policy", "sync", str(tmp_path)]) == 2
    assert (tmp_path / "AGENTS.md").read_text(encoding="utf-8") == broken
    assert not (tmp_path / "CLAUDE.md").exists()
    assert "AGENTS.md: its markers are broken" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, []),
        ({"AGENTS.md": BLOCK}, []),
        ({"AGENTS.md": BLOCK, "CLAUDE.md": "@AGENTS.md\n"}, []),
        ({"AGENTS.md": BLOCK, "CLAUDE.md": "see `@AGENTS.md`\n"}, ["SF401 CLAUDE.md"]),
        ({"AGENTS.md": BLOCK, "CLAUDE.md": "@docs/a.md\n", "docs/a.md": "@../AGENTS.md @a.md\n"}, []),
        ({"AGENTS.md": "# Ours\n"}, ["SF401 AGENTS.md"]),
        ({"AGENTS.md": BLOCK, ".cursor/rules/a.mdc": "# Style\n", "GEMINI.md": "x\n"}, ["SF401 GEMINI.md"]),
        ({".cursor/rules/a.mdc": f"---\nalwaysApply: true\n---\n{BLOCK}"}, []),
        (
            {".cursor/rules/a.mdc": f"---\nalwaysApply: false\n---\n{BLOCK}"},
            ["SF401 .cursor/rules/a.mdc", "SF404 .cursor/rules/a.mdc"],
        ),
        (
            {".kiro/steering/a.md": f"---\ninclusion: fileMatch\n---\n{BLOCK}"},
            ["SF401 .kiro/steering/a.md", "SF404 .kiro/steering/a.md"],
        ),
        ({"AGENTS.md": BLOCK.replace("2026", "2020", 1)}, ["SF402 AGENTS.md"]),
    ],
)
def test_the_audit_follows_what_agents_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], wanted: list[str]
) -> None:
    import json

    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    main(["audit", str(tmp_path), "--format", "json"])

    report = json.loads(capsys.readouterr().out)
    assert sorted(f"{one['code']} {one['file']}" for one in report["findings"]) == wanted
