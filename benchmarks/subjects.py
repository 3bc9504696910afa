"""What is measured: the tool's commands, Copier on the same template, a built function and a bare one."""

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
    "assert_same_tree",
    "bare_function",
    "built_function",
    "copy_command",
    "create_command",
    "decide_command",
    "export_template",
    "help_command",
    "make_package",
    "make_task",
    "publish_template",
    "runtime_python",
]

REPOSITORY = Path(__file__).parents[1]
ANSWERS = REPOSITORY / "examples" / "http-api.yaml"
TASK_ANSWERS = REPOSITORY / "examples" / "nightly-batch.yaml"
ARTEFACT = Path("dist/function.zip")
RUNTIME = "3.13"
RUNTIME_CLIENT = "awslambdaric==4.2.2"


def help_command() -> list[str]:
    """Return the command that shows the help."""
    return [sys.executable, "-m", "generator", "--help"]


def decide_command() -> list[str]:
    """Return the command that decides about the example workload."""
    return [sys.executable, "-m", "generator", "decide", "--answers", str(ANSWERS)]


def create_command(target: Path, *answers: str, file: Path = ANSWERS) -> list[str]:
    """Return the command that creates an example service without git, with answers given as `key=value`."""
    extra = [part for answer in answers for part in ("--data", answer)]
    return [
        *(sys.executable, "-m", "generator", "create", str(target)),
        *("--no-git", "--answers", str(file), *extra),
    ]


def export_template(target: Path) -> Path:
    """Copy the template alone into a new folder."""
    shutil.copytree(REPOSITORY / "templates", target / "templates")
    shutil.copy(REPOSITORY / "copier.yml", target)
    return target


def publish_template(target: Path, created: Path) -> Path:
    """Make the template a git repository, tagged with the release that a created repository records.

    Only from such a repository does Copier record a release, as `create` does, and can update later.
    """
    export_template(target)
    release = yaml.safe_load((created / ".copier-answers.yml").read_text(encoding="utf-8"))["_commit"]
    author = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.invalid")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "release"]):
        _run_quietly(["git", *author, *command], target)
    _run_quietly(["git", "tag", release], target)
    return target


def copy_command(template: Path, created: Path, target: Path) -> list[str]:
    """Return the Copier command that renders what `create` rendered, from the answers that it stored."""
    return [
        *(sys.executable, "-m", "copier", "copy", "--quiet", "--defaults"),
        *("--data-file", str(created / ".copier-answers.yml"), str(template), str(target)),
    ]


def assert_same_tree(created: Path, copied: Path) -> None:
    """Refuse to compare times of different work; only the line of the template's place may differ.

    Raises:
        RuntimeError: They differ elsewhere.
    """
    trees = [
        {
            path.relative_to(folder): re.sub(rb"^_src_path: .*$", b"", path.read_bytes(), flags=re.MULTILINE)
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (created, copied)
    ]
    names = trees[0].keys() | trees[1].keys()
    different = sorted(str(name) for name in names if trees[0].get(name) != trees[1].get(name))
    if different:
        raise RuntimeError(f"create and copier copy rendered different files: {', '.join(different)}")


def make_package(target: Path, *answers: str) -> Path:
    """Create a service, build it by its own Makefile, and return the package."""
    subprocess.run(create_command(target, *answers), check=True, capture_output=True, cwd=REPOSITORY)
    _run_quietly(["make", "setup", "build"], target)
    return target / ARTEFACT


def make_task(target: Path) -> Path:
    """Create a service of the Fargate task tier, for the machine that measures, and lock its dependencies."""
    create = create_command(target, "architecture=x86_64", file=TASK_ANSWERS)
    subprocess.run(create, check=True, capture_output=True, cwd=REPOSITORY)
    _run_quietly(["uv", "lock"], target)
    return target


def built_function(package: Path, target: Path) -> TaskRoot:
    """Unpack a package as Lambda does, with the template's handler and environment."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(target)
    return _task_root(target, package.parents[1] / "template.yaml")


def _task_root(folder: Path, template: Path) -> TaskRoot:
    """Describe the template's only function, with its environment as the parameters' defaults make it."""
    declared = yaml.load(template.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506 - a SafeLoader
    resources = declared["Resources"].values()
    (function,) = (item["Properties"] for item in resources if item["Type"] == "AWS::Serverless::Function")
    defaults = {name: parameter.get("Default") for name, parameter in declared["Parameters"].items()}
    variables = function["Environment"]["Variables"].items()
    environment = {
        name: str(defaults[value.name] if isinstance(value, _Reference) else value)
        for name, value in variables
    }
    return TaskRoot(folder=folder, handler=function["Handler"], environment=environment)


def bare_function(python: Path, target: Path) -> TaskRoot:
    """Make the least a function can be: a handler that imports nothing, compiled like every package here."""
    target.mkdir()
    (target / "bare.py").write_text(
        'def lambda_handler(event, context):\n    return {"statusCode": 200}\n', encoding="utf-8"
    )
    _run_quietly(
        [str(python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "."], target
    )
    return TaskRoot(folder=target, handler="bare.lambda_handler", environment={})


def runtime_python(target: Path) -> Path:
    """Make an environment that has Lambda's runtime client and nothing else, and return its interpreter."""
    python = target / "bin" / "python"
    _run_quietly(["uv", "venv", "--no-project", "--python", RUNTIME, str(target)], REPOSITORY)
    install = ["uv", "pip", "install", "--compile-bytecode", "--python", str(python), RUNTIME_CLIENT]
    _run_quietly(install, REPOSITORY)
    return python


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    name: str


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template's `!Ref`; other intrinsic functions become None."""


def _intrinsic(_: yaml.SafeLoader, suffix: str, node: yaml.Node) -> _Reference | None:
    return _Reference(name=node.value) if suffix == "Ref" else None


_TemplateLoader.add_multi_constructor("!", _intrinsic)


def _run_quietly(command: list[str], folder: Path) -> None:
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
