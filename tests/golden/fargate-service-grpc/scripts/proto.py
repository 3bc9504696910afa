"""Write src/forecast_calls/protocol from proto/: messages, service and their types. `make proto` runs it.

What it writes is committed: reviewers see what a change of the interface means, and the image needs no compiler.
`uv run scripts/proto.py FOLDER` writes elsewhere, for a test to compare.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROTOCOL = ROOT / "src" / "forecast_calls" / "protocol"


def write(folder: Path) -> None:
    """Write the Python of every interface into a folder.

    Raises:
        subprocess.CalledProcessError: An interface is not valid; protoc has said why.
    """
    interfaces = sorted((ROOT / "proto").glob("*.proto"))
    plugins = Path(sys.executable).parent
    run(
        "grpc_tools.protoc",
        f"--proto_path={ROOT / 'proto'}",
        f"--python_out={folder}",
        f"--grpc_python_out={folder}",
        f"--plugin={plugins / 'protoc-gen-mypy'}",
        f"--mypy_out=quiet:{folder}",
        f"--plugin={plugins / 'protoc-gen-mypy_grpc'}",
        f"--mypy_grpc_out=quiet,only_async:{folder}",
        *(path.name for path in interfaces),
    )
    for path in folder.glob("*_pb2_grpc.py*"):
        # protoc looks for its modules at the top; here they are a package's own.
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^import (\w+_pb2) as", r"from . import \1 as", text), encoding="utf-8")
    run("ruff", "format", "--quiet", "--config", str(ROOT / "pyproject.toml"), str(folder))


def run(module: str, *arguments: str) -> None:
    """Run a program of this environment."""
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else PROTOCOL)
