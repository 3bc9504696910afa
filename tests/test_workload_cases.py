"""Public workloads, each with its source and the answer that the policy's text demands.

The expectations in `cases/workloads` were derived by hand from the specification and not from a run, so a
disagreement here is a defect of the engine or of the reading, never something to be recorded anew.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from generator import decision, policy, prices, source, workload

FOLDER = Path(__file__).parent / "cases" / "workloads"
CASES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))
}
TIERS = ("lambda", "fargate-task", "fargate-service", "ec2")


def cases_that_expect(key: str) -> pytest.MarkDecorator:
    """Parametrise a test over the cases whose expectation has the key, one readable id each."""
    expected = {name: case["expected"] for name, case in CASES.items()}
    return pytest.mark.parametrize(
        ("name", key),
        [pytest.param(name, facts[key], id=name) for name, facts in expected.items() if key in facts],
    )


@cache
def decided(name: str) -> decision.Decision:
    rules = policy.load()
    return decision.decide(
        workload.parse(CASES[name]["answers"], rules), rules, prices.load(), source.templates(source.root())
    )


def broken_limits(name: str) -> dict[str, set[str]]:
    limits: dict[str, set[str]] = {}
    for rejection in decided(name).rejected:
        limits.setdefault(rejection.tier, set()).add(rejection.limit)
    return limits


@cases_that_expect("tier")
def test_workload_gets_the_tier_that_the_policy_demands(name: str, tier: str) -> None:
    assert decided(name).tier == tier, CASES[name].get("trap", "")


@cases_that_expect("variant")
def test_workload_gets_the_shape_within_its_tier(name: str, variant: str) -> None:
    assert decided(name).variant == variant


@cases_that_expect("tier")
def test_exactly_the_earlier_tiers_are_rejected(name: str, tier: str) -> None:
    assert tuple(broken_limits(name)) == TIERS[: TIERS.index(tier)]


@cases_that_expect("rejected")
def test_rejection_names_every_limit_that_is_broken_and_no_other(
    name: str, rejected: dict[str, list[str]]
) -> None:
    limits = {tier: sorted(ids) for tier, ids in broken_limits(name).items() if tier in rejected}

    assert limits == rejected


@cases_that_expect("warnings")
def test_workload_is_warned_of_what_will_surprise_its_owner(name: str, warnings: list[str]) -> None:
    given = {warning.id for warning in decided(name).warnings}

    assert set(warnings) - given == set()


@cases_that_expect("size")
def test_workload_gets_the_smallest_size_that_holds_it(name: str, size: dict[str, float]) -> None:
    chosen = decided(name).size

    assert {"vcpu": chosen.vcpu, "memory_mib": chosen.memory_mib} == size


@cases_that_expect("scale_to_zero")
def test_workload_gets_the_verdict_on_scaling_to_zero(name: str, scale_to_zero: str) -> None:
    assert decided(name).scale_to_zero.verdict == scale_to_zero


@cases_that_expect("min_capacity")
def test_workload_keeps_only_the_capacity_that_it_needs_while_idle(name: str, min_capacity: int) -> None:
    assert decided(name).scale_to_zero.min_capacity == min_capacity


@cases_that_expect("wake")
def test_sleeping_service_is_woken_by_what_reaches_it(name: str, wake: str) -> None:
    assert wake in decided(name).scale_to_zero.mechanism.lower()


@pytest.mark.parametrize("name", CASES)
def test_exit_code_says_whether_the_policy_agrees(name: str) -> None:
    assert decided(name).exit_code == CASES[name]["expected"].get("exit_code", 0)


def test_cases_reach_every_tier_with_room() -> None:
    tiers = Counter(case["expected"]["tier"] for case in CASES.values())

    assert set(tiers) == set(TIERS)
    assert min(tiers.values()) >= 3
    assert tiers.total() >= 25


def test_cases_hold_answers_that_a_naive_engine_gets_wrong() -> None:
    assert sum("trap" in case for case in CASES.values()) >= 5


def test_every_case_has_a_public_source_of_its_own() -> None:
    sources = {name: case["source"] for name, case in CASES.items()}
    shares = Counter(source["url"] for source in sources.values())

    assert [name for name, source in sources.items() if not source["title"].strip()] == []
    assert [name for name, source in sources.items() if not is_public_page(source["url"])] == []
    assert [url for url, count in shares.items() if count > 1] == []


def is_public_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and "." in parts.netloc and parts.path.strip("/") != ""


def test_every_case_says_what_it_is_about_and_what_rejects_the_earlier_tiers() -> None:
    silent = [
        name for name, case in CASES.items() if not case["title"].strip() or not case["summary"].strip()
    ]
    unexplained = [
        name
        for name, case in CASES.items()
        if case["expected"]["tier"] != "lambda" and "rejected" not in case["expected"]
    ]

    assert silent == []
    assert unexplained == []


def test_every_number_of_a_case_is_marked_as_stated_or_assumed() -> None:
    unmarked = [
        f"{path.stem}: {line}"
        for path in sorted(FOLDER.glob("*.toml"))
        for line in answer_lines(path)
        if holds_a_number(line) and not is_marked(line)
    ]

    assert unmarked == []


def answer_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").partition("[answers]")[2].partition("[expected]")[0].splitlines()


def holds_a_number(line: str) -> bool:
    return line.partition("=")[2].strip()[:1].isdigit()


def is_marked(line: str) -> bool:
    return any(word in line.partition("#")[2] for word in ("stated", "implied", "assumed"))
