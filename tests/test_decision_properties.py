from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import decision, policy, prices, source, workload

if TYPE_CHECKING:
    import random

    from generator.decision import Decision

RULES = policy.load()
PRICES = prices.load()
TEMPLATES = source.templates(source.root())
TIERS = [tier.name for tier in RULES.tiers]
HELD = ("websocket", "sse", "grpc_stream", "tcp", "udp", "mqtt")
DURATIONS_AND_SIZES = {
    "longest_run_s": (0.1, 1e6),
    "connection_max_min": (1, 1e4),
    "connection_idle_min": (0, 100),
    "message_kb": (0, 1_000),
    "memory_mb": (1, 40_000_000),
    "vcpu": (0.1, 2_500),
    "scratch_gb": (0, 500),
    "package_gb": (0, 50),
    "request_mb": (0, 500),
    "response_mb": (0, 500),
    "peak_per_s": (0.001, 2_000),
}
WHOLE = {"memory_mb"}
NEAR = sorted({limit.value for limit in RULES.limits.values() if not isinstance(limit.value, tuple)})

"""A shared machine may pause in the middle of an example."""


def amounts(name: str) -> st.SearchStrategy[float]:
    """Draw any amount in range, and often one around a limit, where mistakes live."""
    low, high = DURATIONS_AND_SIZES[name]
    around = [value + step for value in NEAR for step in (-1, 0, 1) if low <= value + step <= high]
    if name in WHOLE:
        return st.one_of(st.integers(int(low), int(high)), st.sampled_from([int(value) for value in around]))
    return st.one_of(st.floats(low, high), st.sampled_from(around))


@st.composite
def answers(draw: st.DrawFn) -> dict[str, object]:
    """Draw answers without contradictions, each one given or left out."""
    trigger = draw(st.sampled_from([choice.name for choice in RULES.facts["trigger"].choices]))
    given: dict[str, object] = {"trigger": trigger}

    def maybe(name: str, strategy: st.SearchStrategy[object]) -> None:
        if draw(st.booleans()):
            given[name] = draw(strategy)

    for name in DURATIONS_AND_SIZES:
        maybe(name, amounts(name))
    for fact in RULES.facts.values():
        if fact.kind == "bool":
            maybe(fact.name, st.booleans())
    maybe("state", st.sampled_from(["none", "cache", "required"]))
    maybe(
        "host_needs",
        st.lists(st.sampled_from([c.name for c in RULES.facts["host_needs"].choices]), max_size=2),
    )
    maybe("db", st.sampled_from(["none", "relational", "other"]))
    maybe("p99_ms", st.floats(0.1, 5_000))
    maybe("requests_per_month", st.integers(0, 10**10))
    maybe("cpu_bound_share", st.floats(0.05, 1))
    maybe("fits_lambda_envelope", st.sampled_from(["no", "not_sure"]))
    if trigger == "connection_in":
        given["protocol"] = draw(st.sampled_from(HELD))
    slowest = given.get("longest_run_s", 10)
    if isinstance(slowest, int | float):
        maybe("avg_run_ms", st.floats(0.01, 1).map(lambda share: max(share * slowest * 1_000, 1e-6)))
    return given


def decide(given: dict[str, object]) -> Decision:
    return decision.decide(workload.parse(given, RULES), RULES, PRICES, TEMPLATES)


def place(tier: str | None) -> int:
    return len(TIERS) if tier is None else TIERS.index(tier)


@given(answers())
def test_every_workload_gets_exactly_one_tier_or_the_error_that_none_fits(given: dict[str, object]) -> None:
    decided = decide(given)

    none_fits = any(conflict.id == "no_tier_fits" for conflict in decided.policy_conflicts)
    assert (decided.tier in TIERS) is not none_fits


@given(answers())
def test_chosen_tier_keeps_all_its_limits_and_each_earlier_one_breaks_some(given: dict[str, object]) -> None:
    decided = decide(given)

    rejected = [rejection.tier for rejection in decided.rejected]
    assert sorted(set(rejected), key=TIERS.index) == TIERS[: place(decided.tier)]
    assert list(decided.not_needed) == TIERS[place(decided.tier) + 1 :]


@given(answers())
def test_every_rejection_names_a_limit_that_is_really_exceeded(given: dict[str, object]) -> None:
    for rejection in decide(given).rejected:
        answer, bound = rejection.answer, rejection.bound
        if isinstance(bound, tuple):
            assert set(answer if isinstance(answer, tuple) else (answer,)) <= set(bound)
        elif answer is None:
            assert RULES.limits[rejection.limit].unanswered_breaks is not None
        else:
            assert isinstance(answer, int | float)
            assert answer > bound if rejection.limit != "fargate.latency" else answer < bound


@settings(max_examples=300)
@given(answers(), st.data())
def test_larger_sizes_and_durations_only_move_the_choice_down(
    given: dict[str, object], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(DURATIONS_AND_SIZES)))
    smaller, larger = sorted(data.draw(st.tuples(amounts(name), amounts(name))))
    average_is_free = name != "longest_run_s"
    base = {key: value for key, value in given.items() if average_is_free or key != "avg_run_ms"}

    first, second = decide({**base, name: smaller}), decide({**base, name: larger})

    assert place(first.tier) <= place(second.tier)


@given(answers(), st.randoms(use_true_random=False))
def test_order_of_answers_and_of_choices_is_irrelevant(
    given: dict[str, object], shuffle: random.Random
) -> None:
    keys = list(given)
    shuffle.shuffle(keys)
    shuffled = {key: given[key] for key in keys}
    if isinstance(needs := given.get("host_needs"), list):
        shuffled["host_needs"] = needs[::-1]

    assert decide(shuffled) == decide(given)


@given(answers())
def test_same_answers_give_the_same_decision(given: dict[str, object]) -> None:
    assert repr(decide(given)) == repr(decide(dict(given)))


@given(answers(), st.text(st.characters(categories=["L", "N", "P"]), min_size=40, max_size=80))
def test_free_text_is_irrelevant_to_the_tier(given: dict[str, object], text: str) -> None:
    with_text = decide({**given, "justification_text": text, "justification_owner": text[:50]})
    without = decide(given)

    assert (with_text.tier, with_text.variant, with_text.size) == (
        without.tier,
        without.variant,
        without.size,
    )
    assert with_text.rejected == without.rejected
    assert with_text.warnings == without.warnings


@given(answers())
def test_answers_survive_a_round_trip(given: dict[str, object]) -> None:
    parsed = workload.parse(given, RULES)

    assert workload.parse(json.loads(json.dumps(parsed.facts(), allow_nan=False)), RULES) == parsed
    as_text = {key: str(value) if isinstance(value, int) else value for key, value in given.items()}
    assert workload.parse(as_text, RULES) == parsed


@given(answers())
def test_no_sentence_has_a_gap(given: dict[str, object]) -> None:
    decided = decide(given)

    sentences = [
        *decided.reasons,
        *decided.reversal,
        *(rejection.text for rejection in decided.rejected),
        *(warning.text for warning in decided.warnings),
        *(conflict.text for conflict in decided.policy_conflicts),
        decided.scale_to_zero.text,
    ]
    assert [
        text for text in sentences if not text or "{" in text or "None" in text or "nan" in text.split()
    ] == []


@given(answers())
def test_size_holds_what_was_asked(given: dict[str, object]) -> None:
    decided = decide(given)

    memory, vcpu = given.get("memory_mb", 0), given.get("vcpu", 0)
    assert isinstance(memory, int)
    assert isinstance(vcpu, int | float)
    assert decided.size.memory_mib >= memory
    if decided.tier not in {"lambda", None}:
        assert decided.size.vcpu >= vcpu


@given(answers())
def test_cost_is_told_for_the_chosen_tier_and_is_never_negative(given: dict[str, object]) -> None:
    decided = decide(given)

    told = {cost.tier for cost in decided.cost.by_tier} | {tier.tier for tier in decided.cost.unpriced}
    assert decided.tier in told | {None}
    assert all(0 <= cost.idle_usd_per_month <= cost.usd_per_month + 1e-9 for cost in decided.cost.by_tier)


@pytest.mark.parametrize("trigger", [choice.name for choice in RULES.facts["trigger"].choices])
def test_trigger_alone_is_enough_for_a_decision(trigger: str) -> None:
    assert decide({"trigger": trigger}).tier in TIERS
