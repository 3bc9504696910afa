"""How a service listens: tasks for ten times the peak, messages that memory holds, and one task by waiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rendering import SERVICES

from generator import answers, decision, policy, prices, source

if TYPE_CHECKING:
    from generator.decision import Decision
    from generator.subscription import Subscription

RULES = policy.load()
WAIVER = {
    "justification_text": "The bot must hear everything, and nobody pays for a second task.",
    "justification_owner": "the games club",
    "justification_review_date": "2027-06-30",
}


def decided(**changed: object) -> Decision:
    given = answers.check({**answers.read(str(SERVICES["outbound"])), **changed}, RULES)
    return decision.decide(given.workload, RULES, prices.load(), source.templates(source.root()))


def subscription(**changed: object) -> Subscription:
    found = decided(**changed).subscription
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changed", "maximum", "at_once"),
    [
        # 20 a second of 0.2 s are four at once, and 40 at ten times that.
        pytest.param({"cpu_bound_share": 1}, 40, 1, id="one that computes takes one message"),
        pytest.param({}, 20, 2, id="one that waits takes more"),
        pytest.param({"downstream_concurrency": 10}, 5, 2, id="what it calls takes fewer"),
        pytest.param({"peak_per_s": 0.1, "cpu_bound_share": 0.1}, 2, 10, id="never fewer than in two zones"),
    ],
)
def test_ten_times_the_peak_fits(changed: dict[str, object], maximum: int, at_once: int) -> None:
    made = subscription(**changed)

    assert (made.minimum, made.maximum, made.at_once) == (2, maximum, at_once)


@pytest.mark.parametrize(
    ("message_kb", "fewer"), [(1, False), (10_000, True), (1_000_000, True)], ids=["small", "large", "huge"]
)
def test_a_task_has_no_more_messages_than_half_of_its_memory_holds(message_kb: int, *, fewer: bool) -> None:
    made, size = subscription(message_kb=message_kb), decided().size

    held = made.held_at_most
    assert (held < RULES.number("held_messages_most")) is fewer
    assert held == made.at_once or held * (made.message_kib + 8) <= (size.memory_mib - 128) * 1024 / 2


def test_what_hangs_is_given_up_after_the_slowest_would_have_ended() -> None:
    assert [subscription(longest_run_s=slowest).message_seconds_at_most for slowest in (1, 60)] == [2, 120]


def test_it_costs_its_two_tasks_and_four_alarms_while_nothing_comes() -> None:
    cost = decided().cost.of("fargate-service")

    assert cost is not None
    idle = {part.resource_type: round(part.usd_per_month, 2) for part in cost.parts if part.idle}
    # Twice half a processor, one GiB and an address; no load balancer.
    assert idle == {"AWS::ECS::Service": 36.14, "AWS::CloudWatch::Alarm": 0.4}


@pytest.mark.parametrize(
    ("critical", "writes", "reads"), [(True, 3, 1), (False, 2, 0)], ids=["two tasks", "one task"]
)
def test_a_message_that_two_tasks_hear_takes_a_write_and_a_read_more(
    *, critical: bool, writes: int, reads: int
) -> None:
    cost = decided(critical=critical, **({} if critical else WAIVER)).cost.of("fargate-service")

    assert cost is not None
    billed = {part.name: part.usd_per_month for part in cost.parts}
    assert billed["DynamoDB writes of results"] == pytest.approx(3 * writes * 0.625)
    assert billed.get("DynamoDB reads of results", 0) == pytest.approx(3 * reads * 0.125)


def test_what_is_not_critical_is_refused_unless_somebody_answers_for_it() -> None:
    refused, waived = decided(critical=False), decided(critical=False, **WAIVER)

    assert (refused.exit_code, refused.scale_to_zero.verdict) == (1, "conflict")
    assert "nothing can wake it" in refused.obstacle
    assert (waived.exit_code, waived.has_template) == (0, True)
    assert waived.subscription is not None
    assert waived.subscription.minimum == 1
