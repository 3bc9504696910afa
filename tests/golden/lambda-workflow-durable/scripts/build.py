"""Build dist/function.zip, the package that is deployed as it is (`CodeUri` in template.yaml).

Dependencies come from uv.lock as wheels for Lambda's platform, never from this machine. Every module gets bytecode
of the runtime's own minor version, marked never to be checked: Lambda's tree is read-only and deployment tools date
every entry 1980, so ordinary bytecode is stale on arrival and is compiled again at every cold start, which takes
about twice as long. The same sources always give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "tariff_forecasts"
PYTHON_VERSION = "3.13"
ARCHITECTURE = "arm64"

# `uv run` tells what it starts where uv itself is.
UV = os.environ.get("UV", "uv")
# Amazon Linux 2023, the system below every Lambda runtime since Python 3.12, has glibc 2.34.
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# The earliest time that a zip entry can carry; a real one would change the bytes of every build.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

NO_INTERPRETER = f"""\
error: there is no Python {PYTHON_VERSION} on this machine, so the package would get no bytecode

hint: install one (`uv python install {PYTHON_VERSION}`), or build without bytecode, which works and
      starts more slowly on Lambda: make build BUILD_FLAGS=--without-bytecode
"""


def main() -> int:
    """Build the package and say what it is."""
    parser = argparse.ArgumentParser(description="Build the Lambda package from uv.lock and src/.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "function.zip")
    parser.add_argument(
        "--architecture",
        choices=[*PLATFORMS, "host"],
        default=ARCHITECTURE,
        help="`host` is for this machine, so that tests can run it",
    )
    parser.add_argument("--without-bytecode", action="store_true", help="if no Python of the runtime's minor is here")
    options = parser.parse_args()

    if not (ROOT / "uv.lock").exists():
        sys.stderr.write("error: there is no uv.lock, so nothing says what to package\n\nhint: make setup\n")
        return 2
    interpreter = None if options.without_bytecode else find_interpreter()
    if interpreter is None and not options.without_bytecode:
        sys.stderr.write(NO_INTERPRETER)
        return 2

    try:
        with tempfile.TemporaryDirectory() as folder:
            task = Path(folder) / "task"
            install_wheels(task, options.architecture, interpreter)
            if interpreter is not None:
                compile_bytecode(task, interpreter)
            pack(task, options.output)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"error: {Path(error.cmd[0]).name} {' '.join(error.cmd[1:3])} failed, see above\n")
        return 1
    digest = hashlib.sha256(options.output.read_bytes()).hexdigest()
    sys.stdout.write(f"{options.output}  {options.output.stat().st_size / 1e6:.2f} MB  sha256 {digest}\n")
    return 0


def find_interpreter() -> Path | None:
    """Return a Python of the runtime's minor version, if there is one."""
    search = [UV, "python", "find", "--no-python-downloads", PYTHON_VERSION]
    found = subprocess.run(search, cwd=ROOT, capture_output=True, text=True, check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def install_wheels(task: Path, architecture: str, interpreter: Path | None) -> None:
    """Put the locked dependencies and the package into a folder laid out like /var/task."""
    requirements = task.with_name("requirements.txt")
    # uv compares the lock with pyproject.toml only where it finds the Python that the project asks for.
    lock = "--frozen" if interpreter is None else "--locked"
    export = [UV, "export", "--quiet", lock, "--no-dev", "--no-emit-project", "--output-file", str(requirements)]
    subprocess.run(export, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    platform = [] if architecture == "host" else ["--python-platform", PLATFORMS[architecture]]
    python = ["--python", str(interpreter or sys.executable), "--python-version", PYTHON_VERSION, *platform]
    wheels = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--link-mode", "copy"]
    target = ["--requirements", str(requirements), "--target", str(task), "--no-compile-bytecode"]
    subprocess.run([UV, "pip", "install", "--quiet", *target, *python, *wheels], cwd=ROOT, check=True)

    shutil.rmtree(task / "bin", ignore_errors=True)
    (task / ".lock").unlink(missing_ok=True)
    shutil.copytree(ROOT / "src" / PACKAGE, task / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))


def compile_bytecode(task: Path, interpreter: Path) -> None:
    """Compile every module, with the path that tracebacks will show on Lambda."""
    compileall = [str(interpreter), "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([*compileall, "-d", "/var/task", "."], cwd=task, env=environment, check=True)


def pack(task: Path, output: Path) -> None:
    """Zip a folder so that equal contents give equal bytes: sorted, one date, one mode."""
    output.parent.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in task.rglob("*") if path.is_file())
    with zipfile.ZipFile(output, "w") as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(task).as_posix(), ZIP_TIME)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)


if __name__ == "__main__":
    sys.exit(main())
