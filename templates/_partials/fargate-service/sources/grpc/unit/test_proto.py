"""What is committed in src/ is what proto/ says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_committed_python_is_that_of_the_interface(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "proto.py", tmp_path], check=True)

    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*_pb2*.py*")}
    protocol = ROOT / "src" / "{{ package_name }}" / "protocol"
    committed = {path.name: path.read_text(encoding="utf-8") for path in protocol.glob("*_pb2*.py*")}
    assert committed == made, "run `make proto` and commit what it writes"
