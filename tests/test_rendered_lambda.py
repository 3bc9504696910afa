"""What a rendered Lambda repository says in its files, whatever was answered."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from generator import policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Render

SVG = "{http://www.w3.org/2000/svg}"
BLOCK = re.compile(
    r"<!-- new-service:policy:begin id=serverless-first "
    r"version=(?P<version>\S+) sha256=(?P<digest>[0-9a-f]{64}) -->\n"
    r"(?P<body>.*?)\n<!-- new-service:policy:end -->",
    re.DOTALL,
)
HARMLESS = [
    'Says "hello" and \\ goodbye',
    "{{ 7 * 7 }} {% raw %} {# no #}",
    "key: value # and a comment",
    "$(touch /tmp/x) `id` ${HOME} %PATH% && exit",
    "<script>alert(1)</script> & more | cells",
    "- [ ] ---",
    "null",
    "\u05e9\u05dc\u05d5\u05dd \U0001f4e6 caf\u00e9 \u65e5\u672c",
    "{{resolve:ssm:/secret}} !Sub ${AWS::AccountId}",
    "x" * 200,
]


@pytest.mark.parametrize("description", HARMLESS)
def test_free_text_stays_text_in_every_file(render_service: Render, description: str) -> None:
    repository = render_service({"description": description})

    template = template_of(repository)
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    answers = yaml.safe_load((repository / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert template["Description"] == f"orders-api: {description}"
    assert len(template["Description"].encode()) <= 1024
    assert project["project"]["description"] == description
    assert answers["description"] == description
    assert template["Resources"] == template_of(render_service())["Resources"]
    assert "<script>" not in (repository / "README.md").read_text(encoding="utf-8")


def test_agents_file_carries_the_policy_with_its_version_and_hash(render_service: Render) -> None:
    [block] = BLOCK.finditer((render_service() / "AGENTS.md").read_text(encoding="utf-8"))

    body = "\n".join(line.rstrip() for line in block["body"].splitlines()).strip("\n")
    assert block["version"] == policy.load().version
    assert block["digest"] == hashlib.sha256(body.encode()).hexdigest()
    assert (render_service() / "CLAUDE.md").read_text(encoding="utf-8") == "@AGENTS.md\n"


def test_cost_curve_draws_one_line_for_each_tier_inside_its_plane(render_service: Render) -> None:
    answers = yaml.safe_load((render_service() / ".copier-answers.yml").read_text(encoding="utf-8"))
    drawing = ET.parse(render_service() / "docs/adr/cost-curve.svg").getroot()  # noqa: S314 - we wrote it

    lines = drawing.findall(f".//{SVG}polyline")
    labels = {text.text for text in drawing.iter(f"{SVG}text")}

    assert len(lines) == len(answers["decision"]["cost_curve"]) > 1
    assert {curve["label"] for curve in answers["decision"]["cost_curve"]} <= labels
    for line in lines:
        for pair in line.attrib["points"].split():
            across, down = map(float, pair.split(","))
            assert 0 <= across <= 640
            assert 0 <= down <= 360


def test_record_names_every_passed_over_tier_every_cost_and_what_reverses_it(render_service: Render) -> None:
    repository = render_service()
    record = (repository / "docs/adr/0001-compute-tier.md").read_text(encoding="utf-8")
    decision = yaml.safe_load((repository / ".copier-answers.yml").read_text(encoding="utf-8"))["decision"]

    said = [*decision["not_needed"], *(row["label"] for row in decision["cost"])]
    said += [entry["type"] for entry in decision["idle_allowed"]]
    said += [text[1:].rstrip(".") for text in (*decision["reasons"], *decision["reversal"])]
    assert [words for words in said if words not in record] == []


def test_throttle_lets_ten_times_the_peak_through(render_service: Render) -> None:
    few, many = (template_of(render_service({"peak_per_s": peak})) for peak in (0.1, 33.4))

    assert throttle(few) == {100}
    assert throttle(many) == {334}


@pytest.mark.parametrize(
    ("changed", "threshold"),
    [({"avg_run_ms": 80}, 1000), ({"avg_run_ms": 2_000}, 6000), ({"p99_ms": 400}, 400)],
)
def test_slow_is_what_the_workload_calls_slow(
    render_service: Render, changed: dict[str, object], threshold: int
) -> None:
    template = template_of(render_service(changed))

    assert template["Resources"]["SlowAnswers"]["Properties"]["Threshold"] == threshold


@pytest.mark.parametrize(
    ("licence", "first_line"),
    [
        ("apache-2.0", "Apache License"),
        ("mit", "MIT License"),
        ("proprietary", "Copyright (c) 2026 acme/orders."),
    ],
)
def test_licence_is_the_one_that_was_chosen(render_service: Render, licence: str, first_line: str) -> None:
    text = (render_service({"license": licence}) / "LICENSE").read_text(encoding="utf-8")

    assert text.strip().startswith(first_line)


def test_every_action_is_pinned_to_a_commit_and_says_its_release(render_service: Render) -> None:
    used = list(actions(render_service()))

    assert len(used) > 4
    assert [
        line
        for line in used
        if not re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []
    assert len({line.split("@")[0] for line in used}) == len(set(used)), "one action at two commits"


def test_sample_event_is_one_that_api_gateway_sends(render_service: Render) -> None:
    event = json.loads((render_service() / "tests/events/http.json").read_text(encoding="utf-8"))

    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"]


def actions(repository: Path) -> Iterator[str]:
    """Yield every use of a published action, with its comment."""
    for workflow in sorted((repository / ".github/workflows").glob("*.yml")):
        for used in re.findall(r"uses: (.+)", workflow.read_text(encoding="utf-8")):
            if not used.startswith("$/"):
                yield used


def template_of(repository: Path) -> dict[str, Any]:
    """Read the template, its short tags (`!Ref X`) as the plain values that they stand before."""
    text = (repository / "template.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(re.sub(r"(?<=[:\[,] )!\w+ |(?<=\[)!\w+ ", "", text)))


def throttle(template: dict[str, Any]) -> set[int]:
    return set(template["Resources"]["HttpApi"]["Properties"]["DefaultRouteSettings"].values())


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"peak_per_s": 101, "avg_run_ms": 1_000}, "the default quota of an account is 1,000"),
        ({"peak_per_s": 101}, "API Gateway throttles all APIs of an account in a region together"),
        (
            {"trigger": "event", "event_kind": "stream", "project_name": "orders-worker", "peak_per_s": 401},
            "a new stream or table on demand takes 4,000 a second",
        ),
        (
            {"trigger": "connection_in", "protocol": "websocket", "project_name": "rooms"}
            | {
                "new_connections_per_s": 501,
                "connection_max_min": 60,
                "connection_idle_min": 5,
                "message_kb": 32,
            },
            "the default quota is 500 a second",
        ),
    ],
    ids=["concurrency", "requests", "records", "connections"],
)
def test_a_quota_that_ten_times_the_peak_would_exceed_is_named_in_both_documents(
    render_service: Render, answers: dict[str, object], named: str
) -> None:
    repository = render_service(answers)

    for name in ("README.md", "docs/adr/0001-compute-tier.md"):
        assert named in (repository / name).read_text(encoding="utf-8"), name
