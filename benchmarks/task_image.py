"""The image of a Fargate task beside one that `pip install` makes of the same code: its size and start.

Both are built by podman on the same base, where `make tools` has installed it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Image",
    "common_image",
    "engine",
    "megabytes_above_base",
    "rendered_image",
    "start_cpu_seconds",
]

# Line for line what `docker init` and Docker's guide for Python make, where it matters for size and start.
COMMON_DOCKERFILE = """\
FROM {base}
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY src/ .
USER 10001
CMD ["python", "-m", "{module}"]
"""
# Started fresh in a fresh container, by a process that leaves no bytecode behind which the other would find.
STOPWATCH = """
import resource, subprocess, sys
with subprocess.Popen([sys.executable, "-m", sys.argv[1]], stdout=subprocess.PIPE) as process:
    process.stdout.readline()
    process.kill()
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(spent.ru_utime + spent.ru_stime)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What starts the code.

    Attributes:
        name: Of the image.
        python: The interpreter that its entry point names.
        module: What that runs.
        options: How a container of it is run.
    """

    name: str
    python: str
    module: str
    options: tuple[str, ...] = ()


def engine() -> str | None:
    """Return the container engine that `make tools` installs, if it did."""
    return shutil.which("podman", path=os.environ.get("NEW_SERVICE_TOOLS", ""))


def rendered_image(podman: str, service: Path) -> Image:
    """Build the image of a service from its own Dockerfile; it runs as infra/compute.py says."""
    image = Image(
        name="localhost/benchmark/rendered",
        python="/app/bin/python",
        module=_module(service),
        options=("--read-only", "--cap-drop=ALL"),
    )
    _ask(podman, "build", "--format", "docker", "--tag", image.name, str(service))
    return image


def common_image(podman: str, service: Path, folder: Path) -> Image:
    """Build an image of the same code with the same dependencies, in the common way."""
    image = Image(name="localhost/benchmark/common", python="python", module=_module(service))
    folder.mkdir()
    locked = ["uv", "export", "--quiet", "--no-dev", "--no-hashes", "--no-emit-project"]
    subprocess.run([*locked, "-o", str(folder / "requirements.txt")], cwd=service, check=True)
    shutil.copytree(service / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    dockerfile = COMMON_DOCKERFILE.format(base=_base(service), module=image.module)
    (folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    _ask(podman, "build", "--format", "docker", "--tag", image.name, str(folder))
    return image


def megabytes_above_base(podman: str, image: Image, service: Path) -> float:
    """Return what an image adds to the one that it is built on."""
    sizes = [
        int(_ask(podman, "image", "inspect", "--format", "{{.Size}}", name))
        for name in (image.name, _base(service))
    ]
    return (sizes[0] - sizes[1]) / 1e6


def start_cpu_seconds(podman: str, image: Image) -> float:
    """Return the CPU time of the process from its start to its first line, in a new container."""
    entry = ("--entrypoint", image.python, image.name, "-B", "-c", STOPWATCH, image.module)
    return float(_ask(podman, "run", "--rm", *image.options, *entry))


def _base(service: Path) -> str:
    dockerfile = (service / "Dockerfile").read_text(encoding="utf-8")
    [base] = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", dockerfile, re.MULTILINE)
    return str(base)


def _module(service: Path) -> str:
    [main] = (service / "src").glob("*/__main__.py")
    return main.parent.name


def _ask(podman: str, *arguments: str) -> str:
    done = subprocess.run([podman, *arguments], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"podman {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
