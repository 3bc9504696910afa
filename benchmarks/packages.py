"""Functions as they are deployed: rendered and built ones, a bare one, and those that `sam init` makes.

SAM clones the templates of `sam init` from the network. `sam_init/` holds handlers with the same imports,
objects and requirements. What is installed for them is, module by module, what SAM 1.170 built of them on
2026-11-25: all that they require (the X-Ray SDK brings botocore) and no bytecode.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml
from lambda_init import TaskRoot

__all__ = [
    "ANSWERS",
    "REPOSITORY",
    "aws_clients",
    "bare_function",
    "create_command",
    "make_package",
    "make_task",
    "rendered_function",
    "run_quietly",
    "runtime_python",
    "sam_init_function",
]

REPOSITORY = Path(__file__).parents[1]
ANSWERS = {
    "http": REPOSITORY / "examples" / "http-api.yaml",
    **{path.stem: path for path in sorted((REPOSITORY / "tests" / "cases" / "triggers").glob("*.yaml"))},
}
"""The answers of one service for each event source."""

TASK_ANSWERS = REPOSITORY / "examples" / "nightly-batch.yaml"
ARTEFACT = Path("dist/function.zip")
RUNTIME = "3.13"
# What Lambda's runtime for Python brings: its client, and boto3.
RUNTIME_LIBRARIES = ("awslambdaric==4.2.2", "boto3")


def aws_clients(event_source: str) -> tuple[str, ...]:
    """Return what an event source may call AWS with, as the generator finds it."""
    folder = REPOSITORY / "templates" / "_partials" / "triggers" / event_source
    return ("boto3", "lean") if (folder / "lean_module_budget.txt").exists() else ("boto3",)


def create_command(target: Path, answers: Path, *changed: str) -> list[str]:
    """Return the command that creates a service without git, with answers changed as `key=value`."""
    extra = [part for answer in changed for part in ("--data", answer)]
    return [
        *(sys.executable, "-m", "generator", "create", str(target)),
        *("--no-git", "--answers", str(answers), *extra),
    ]


def make_package(target: Path, answers: Path, *changed: str) -> Path:
    """Create a service, build it by its own Makefile, and return the package."""
    run_quietly(create_command(target, answers, *changed), REPOSITORY)
    run_quietly(["uv", "lock"], target)
    run_quietly(["make", "build"], target)
    return target / ARTEFACT


def make_task(target: Path) -> Path:
    """Create a service of the Fargate task tier, for the machine that measures, and lock its dependencies."""
    run_quietly(create_command(target, TASK_ANSWERS, "architecture=x86_64"), REPOSITORY)
    run_quietly(["uv", "lock"], target)
    return target


def rendered_function(target: Path, answers: Path, *changed: str) -> TaskRoot:
    """Create and build a service for this machine's processor, and unpack it as Lambda does."""
    target.mkdir()
    package = make_package(target / "service", answers, "architecture=x86_64", *changed)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(target / "task")
    return _task_root(target / "task", package.parents[1] / "template.yaml")


def _task_root(folder: Path, template: Path) -> TaskRoot:
    """Describe the template's only function, with its environment as the parameters' defaults make it."""
    declared = yaml.load(template.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506 - a SafeLoader
    resources = declared["Resources"].values()
    (function,) = (item["Properties"] for item in resources if item["Type"] == "AWS::Serverless::Function")
    defaults = {name: parameter.get("Default") for name, parameter in declared["Parameters"].items()}
    # A reference to a resource is its name, which is as good as any before the first event.
    environment = {
        name: str(defaults.get(value.name, value.name) if isinstance(value, _Reference) else value)
        for name, value in function["Environment"]["Variables"].items()
    }
    return TaskRoot(folder=folder, handler=function["Handler"], environment=environment)


def bare_function(python: Path, target: Path) -> TaskRoot:
    """Make the least a function can be: a handler that imports nothing, compiled like every package here."""
    target.mkdir()
    (target / "bare.py").write_text(
        'def lambda_handler(event, context):\n    return {"statusCode": 200}\n', encoding="utf-8"
    )
    run_quietly([str(python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "."], target)
    return TaskRoot(folder=target, handler="bare.lambda_handler", environment={})


def sam_init_function(python: Path, name: str, target: Path) -> TaskRoot:
    """Install a function of `sam_init/` as `sam build` does: its requirements beside it, without bytecode."""
    source = Path(__file__).with_name("sam_init") / name
    shutil.copytree(source, target)
    install = [
        "uv",
        "pip",
        "install",
        "--link-mode",
        "copy",
        "--no-compile-bytecode",
        "--only-binary",
        ":all:",
    ]
    where = ["--python", str(python), "--target", str(target), "--requirements", "requirements.txt"]
    run_quietly([*install, *where], source)
    environment = {
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "Powertools",
        "POWERTOOLS_SERVICE_NAME": "PowertoolsHelloWorld",
    }
    return TaskRoot(folder=target, handler="app.lambda_handler", environment=environment)


def runtime_python(target: Path) -> Path:
    """Make an environment with what Lambda's runtime brings and no more, and return its interpreter."""
    python = target / "bin" / "python"
    run_quietly(["uv", "venv", "--no-project", "--python", RUNTIME, str(target)], REPOSITORY)
    install = ["uv", "pip", "install", "--compile-bytecode", "--python", str(python), *RUNTIME_LIBRARIES]
    run_quietly(install, REPOSITORY)
    return python


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    name: str


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template's intrinsic functions as what they are about."""


def _intrinsic(_: yaml.SafeLoader, suffix: str, node: yaml.Node) -> _Reference | None:
    if not isinstance(node, yaml.ScalarNode):
        return None
    # Of `!Sub` the names of its variables remain, so that an address is still one.
    name = re.sub(r"\$\{(?:AWS::)?(\w+)\}", r"\1", node.value) if suffix == "Sub" else node.value
    return _Reference(name=name)


_TemplateLoader.add_multi_constructor("!", _intrinsic)


def run_quietly(command: list[str], folder: Path) -> None:
    """Run a command in a folder; what it wrote is shown only when it failed.

    Raises:
        RuntimeError: It failed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed in {folder.name}:\n{done.stdout}")
