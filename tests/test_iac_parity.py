"""SAM and the CDK describe the same resources, but for what `parity/differences.toml` names with its reason.

Compared is what the policy tests of a rendered repository see, once for each environment: every resource with
all its properties, so scaling, retention, concurrency, permissions, time-outs and alarms are among them.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from environments import set_up
from rendering import EXAMPLES, render_example
from stacks import give_package, replay, run_in
from toolbox import REPOSITORY

from generator import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from stacks import Synthesiser

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "parity"
# Answers that change an example's infrastructure beyond a number, by the name of what comes of them.
VARIANTS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    **{name: (name, {}) for name in EXAMPLES if name != "http"},
    "http-api": ("http", {}),
    "http-api-iam": ("http", {"authorisation": "iam", "cors_origins": "https://app.example.com"}),
    "http-api-jwt": ("http", {"authorisation": "jwt", "cors_origins": "*"}),
    "http-url": ("http", {"front": "function-url", "cors_origins": "https://a.example,https://b.example"}),
    "http-url-iam": ("http", {"front": "function-url", "authorisation": "iam"}),
    "stream-kinesis": ("stream", {"stream_source": "kinesis"}),
    "workflow-durable": (
        "workflow",
        {"orchestration": "durable-function", "trigger": "schedule", "schedule_interval_s": 86_400},
    ),
    "workflow-schedule": ("workflow", {"trigger": "schedule", "schedule_interval_s": 86_400}),
}
COMPARED = [
    name
    for name, (event_source, _) in VARIANTS.items()
    if "cdk" in source.infrastructures(source.root(), "lambda", event_source)
]
ENVIRONMENTS = ("dev", "staging", "prod")
# What the CDK puts behind the name of a construct.
HASH = re.compile(r"(?<=[A-Za-z0-9])[0-9A-F]{8}$")
ABSENT = "absent"

Resources = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference that is meant.

    Attributes:
        event_source: Where it is found: event sources, or variants of `VARIANTS`, as patterns joined by "|".
        type: The CloudFormation type, as a pattern.
        path: Which property, as a pattern; `resource` for a resource that one of both does not have.
        sam: What SAM has there.
        cdk: What the CDK has there.
        why: The reason.
    """

    event_source: str
    type: str
    path: str
    sam: Any
    cdk: Any
    why: str

    def concerns(self, variant: str) -> bool:
        """Tell whether it is found in this variant."""
        return any(fnmatchcase(variant, pattern) for pattern in self.event_source.split("|"))

    def explains(self, found: Found) -> bool:
        """Tell whether this is what was found."""
        return (
            fnmatchcase(found.type, self.type)
            and fnmatchcase(found.path, self.path)
            and _fits(self.sam, found.sam)
            and _fits(self.cdk, found.cdk)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One difference between two stacks."""

    type: str
    path: str
    sam: Any
    cdk: Any


DIFFERENCES = [
    Difference(**entry)
    for entry in tomllib.loads((FOLDER / "differences.toml").read_text(encoding="utf-8"))["difference"]
]


@pytest.fixture(scope="module")
def dump(
    synthesiser: Synthesiser, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], dict[str, Resources]]:
    """The resources of a variant in every environment, as a rendered repository's own tests see them."""
    programs = {}
    for iac in ("sam", "cdk"):
        repository: Path = tmp_path_factory.mktemp(f"with-{iac}") / "service"
        render_example(repository, {"iac": iac})
        programs[iac] = set_up(repository)

    def dump(variant: str, iac: str) -> dict[str, Resources]:
        folder: Path = tmp_path_factory.mktemp(iac)
        repository = folder / "service"
        event_source, changed = VARIANTS[variant]
        render_example(repository, event_source=event_source, changed={**changed, "iac": iac})
        give_package(repository)
        shutil.copy(FOLDER / "dump.py", repository / "tests" / "infra" / "test_dump.py")
        environment = {"DUMP": str(folder)}
        if iac == "cdk":
            synthesiser.run(repository / "infra" / "app.py", folder / "made")
            environment["APP"] = str(replay(folder / "made"))
        test = ("python", "-m", "pytest", "-q", "tests/infra/test_dump.py")
        run_in(repository, programs[iac], *test, **environment)
        return read_dump(folder, repository)

    return dump


@pytest.fixture(scope="module", params=COMPARED)
def found(
    request: pytest.FixtureRequest, dump: Callable[[str, str], dict[str, Resources]]
) -> tuple[str, dict[str, list[Found]]]:
    """What SAM and the CDK do not say alike of one service, by environment."""
    stacks = {iac: dump(request.param, iac) for iac in ("sam", "cdk")}
    differences = {
        environment: list(differing(stacks["sam"][environment], stacks["cdk"][environment]))
        for environment in ENVIRONMENTS
    }
    return request.param, differences


def test_every_difference_is_meant(found: tuple[str, dict[str, list[Found]]]) -> None:
    variant, differences = found
    meant = [entry for entry in DIFFERENCES if entry.concerns(variant)]

    unexplained = {
        f"{environment}: {difference}"
        for environment, listed in differences.items()
        for difference in listed
        if not any(entry.explains(difference) for entry in meant)
    }

    assert not unexplained, "\n".join(sorted(unexplained))


def test_every_meant_difference_is_there(found: tuple[str, dict[str, list[Found]]]) -> None:
    variant, differences = found
    meant = [entry for entry in DIFFERENCES if entry.concerns(variant)]

    gone = [
        f"{environment}: {entry}"
        for environment, listed in differences.items()
        for entry in meant
        if not any(entry.explains(difference) for difference in listed)
    ]

    assert not gone, "\n".join(gone)


@pytest.mark.parametrize(
    ("sam", "cdk", "told"),
    [
        pytest.param({"Timeout": 3}, {"Timeout": 4}, ("/Properties/Timeout", "3", "4"), id="another value"),
        pytest.param({}, {"Timeout": 4}, ("/Properties/Timeout", ABSENT, "4"), id="one says nothing"),
        pytest.param({"Tags": [{"Key": "a"}]}, {}, ("/Properties/Tags/0/Key", "a", ABSENT), id="in a list"),
    ],
)
def test_a_difference_is_found(sam: dict[str, Any], cdk: dict[str, Any], told: tuple[str, str, str]) -> None:
    stacks = [{"Function": {"Type": "AWS::Lambda::Function", "Properties": said}} for said in (sam, cdk)]

    [difference] = differing(*stacks)

    assert (difference.path, difference.sam, difference.cdk) == told


def test_a_missing_resource_is_found() -> None:
    [difference] = differing({}, {"Nat": {"Type": "AWS::EC2::NatGateway", "Properties": {}}})

    assert (difference.type, difference.path, difference.sam) == ("AWS::EC2::NatGateway", "resource", ABSENT)


def read_dump(folder: Path, repository: Path) -> dict[str, Resources]:
    """Return what `parity/dump.py` wrote, the stack's name taken out."""
    texts = {name: (folder / f"{name}.json").read_text(encoding="utf-8") for name in ENVIRONMENTS}
    # The CDK knows the stack's name when it writes; the policy tests take `stack` for what it does not know.
    name = yaml.safe_load((repository / ".copier-answers.yml").read_text(encoding="utf-8"))["project_name"]
    # A topic rule is called like the stack, without hyphens.
    names = {key: (f"{name}-{key}", f"{name}-{key}".replace("-", "_")) for key in texts}
    return {key: json.loads(re.sub("|".join(names[key]), "stack", text)) for key, text in texts.items()}


def differing(sam: Resources, cdk: Resources) -> Iterator[Found]:
    """Yield every difference between two stacks."""
    cdk = renamed(sam, cdk)
    for kind in sorted({resource["Type"] for resource in (*sam.values(), *cdk.values())}):
        before, after = (of_type(resources, kind) for resources in (sam, cdk))
        for one, other in pairs(before, after):
            if one is None or other is None:
                present = (ABSENT if one is None else "present", ABSENT if other is None else "present")
                yield Found(type=kind, path="resource", sam=present[0], cdk=present[1])
            else:
                yield from unequal(kind, flat(one), flat(other))


def renamed(sam: Resources, cdk: Resources) -> Resources:
    """Return the CDK's resources by SAM's names: without the hash, and an only one of its type as there."""
    names = {name: HASH.sub("", name) for name in cdk}
    for name, resource in cdk.items():
        before, after = (of_type(resources, resource["Type"]) for resources in (sam, cdk))
        if len(before) == len(after) == 1:
            [names[name]] = before
    found = re.compile(rf'(?<=["{{])({"|".join(names)})(?=["}}.])')
    return json.loads(found.sub(lambda name: names[name[0]], json.dumps(cdk))) if cdk else {}


def of_type(resources: Resources, kind: str) -> Resources:
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def pairs(sam: Resources, cdk: Resources) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Yield resources that stand for each other: of the same name, else in order of their contents."""
    for name in sorted(sam.keys() & cdk.keys()):
        yield sam[name], cdk[name]
    rest = [
        sorted(
            (resources[name] for name in resources.keys() - others.keys()), key=lambda item: str(flat(item))
        )
        for resources, others in ((sam, cdk), (cdk, sam))
    ]
    for index in range(max(map(len, rest))):
        one, other = (items[index] if index < len(items) else None for items in rest)
        yield one, other


def unequal(kind: str, sam: Mapping[str, Any], cdk: Mapping[str, Any]) -> Iterator[Found]:
    for path in sorted(sam.keys() | cdk.keys()):
        one, other = sam.get(path, ABSENT), cdk.get(path, ABSENT)
        if one != other:
            yield Found(type=kind, path=path, sam=one, cdk=other)


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return every scalar below a value by its path; lists of scalars count as one, in no order."""
    if isinstance(value, dict) and value.keys() == {"of", "is"}:
        return {path: f"{value['of']}.{value['is']}"}
    if isinstance(value, dict):
        return {key: leaf for name in value for key, leaf in flat(value[name], f"{path}/{name}").items()}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        listed = sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
        return {
            key: leaf for at, item in enumerate(listed) for key, leaf in flat(item, f"{path}/{at}").items()
        }
    return {path: sorted(map(_text, value)) if isinstance(value, list) else _text(value)}


def _text(value: Any) -> str:
    """Return a scalar as whoever reads it compares it; JSON in a text has no spaces of its own."""
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(json.loads(value), separators=(",", ":"))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(pattern: Any, value: Any) -> bool:
    return fnmatchcase(str(value), str(pattern))
