"""Build the image as it is deployed, and say how large it is above its base and how soon it speaks: `dist/image.json`.

`make deploy` builds the image itself; this shows before, and in CI, that it can be built and stays small. Without a
container engine there is nothing to build with: that is said, and is an error in CI only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENGINE = os.environ.get("CDK_DOCKER", "docker")
PLATFORM = "linux/arm64"
NAME = "list-desk"
# Fargate pulls the whole image at every start, and bills that. Most of what comes on top of the base is the SDK.
MAX_MEGABYTES_ABOVE_BASE = 60
# To the first line in the log, in bare starts of Python. Of processor time, so that neither a slow machine nor a busy
# one changes much. The SDK comes after that line; before it comes the standard library's share, about 4, and half of
# that for noise.
MAX_START_RATIO = 6
STOPWATCH = """
import json, os, subprocess, sys
def cpu_seconds(*arguments):
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        os.kill(process.pid, 9)
        used = os.wait4(process.pid, 0)[2]
        process.returncode = 0
    return used.ru_utime + used.ru_stime
jobs, nothings = zip(*((cpu_seconds("-m", "list_desk"), cpu_seconds("-c", "print()")) for _ in range(9)))
print(json.dumps(min(jobs) / min(nothings)))
"""


def main() -> int:
    """Build the image and check its size."""
    if not engine_answers():
        sys.stderr.write(f"no container engine answers as `{ENGINE}`: the image is not built\n\n")
        sys.stderr.write("hint: start Docker, or set CDK_DOCKER=podman; `make deploy` needs it too\n")
        return 2 if os.environ.get("CI") else 0
    if not (ROOT / "uv.lock").exists():
        sys.stderr.write("error: there is no uv.lock, so nobody knows what to install\n\nhint: make setup\n")
        return 2
    engine("build", "--platform", PLATFORM, "--tag", NAME, str(ROOT))
    above_base = (size_of(NAME) - size_of(base())) / 1_000_000
    start_ratio = start_of(NAME)
    (ROOT / "dist").mkdir(exist_ok=True)
    report = {
        "image": NAME,
        "platform": PLATFORM,
        "megabytes_above_base": round(above_base, 1),
        "start_ratio": round(start_ratio, 1),
    }
    (ROOT / "dist" / "image.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{NAME}: {above_base:.1f} MB above {base()}, at most {MAX_MEGABYTES_ABOVE_BASE}\n")
    sys.stdout.write(f"{NAME}: speaks after {start_ratio:.1f} bare starts of Python, at most {MAX_START_RATIO}\n")
    return 0 if above_base <= MAX_MEGABYTES_ABOVE_BASE and start_ratio <= MAX_START_RATIO else 1


def engine_answers() -> bool:
    """Tell whether there is an engine, not only its command."""
    found = shutil.which(ENGINE)
    return bool(found) and subprocess.run([ENGINE, "info"], capture_output=True, check=False).returncode == 0


def engine(*arguments: str) -> None:
    """Run a command of the engine, whose words everybody sees."""
    done = subprocess.run([ENGINE, *arguments], check=False)
    if done.returncode:
        message = f"error: `{ENGINE} {arguments[0]}` exited with {done.returncode}: see what it says above"
        raise SystemExit(message)


def size_of(image: str) -> int:
    """Return the bytes of an image, unpacked."""
    inspect = [ENGINE, "image", "inspect", "--format", "{{.Size}}", image]
    return int(subprocess.run(inspect, capture_output=True, check=True, text=True).stdout)


def start_of(image: str) -> float:
    """Return how many bare starts of Python pass before the service speaks, by the fastest of each: noise only adds."""
    run = [ENGINE, "run", "--rm", "--read-only", "--entrypoint", "/app/bin/python", image, "-c", STOPWATCH]
    return float(json.loads(subprocess.run(run, capture_output=True, check=True, text=True).stdout))


def base() -> str:
    """Return the image that Dockerfile builds on."""
    [image] = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    return str(image)


if __name__ == "__main__":
    sys.exit(main())
