"""Puts a condition of the policy into words, for references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.sentences import say

if TYPE_CHECKING:
    from generator.conditions import Condition, Test

__all__ = ["condition_in_words"]


def condition_in_words(condition: Condition) -> str:
    """Return a condition as words, such as `trigger is http and memory_mb above 512`, or nothing."""
    words = [_test(test) for test in condition.tests]
    if condition.any_of:
        alternatives = " or ".join(condition_in_words(alternative) for alternative in condition.any_of)
        words.append(f"({alternatives})" if words else alternatives)
    return " and ".join(words)


def _test(test: Test) -> str:
    if test.operator == "given":
        return f"{test.name} is {'' if test.operand else 'not '}known"
    if isinstance(test.operand, tuple):
        relation = "is" if test.operator == "in" else "is not"
        return f"{test.name} {relation} {' or '.join(_name(item) for item in test.operand)}"
    return f"{test.name} {test.operator.replace('_', ' ')} {say(test.operand)}"


def _name(item: object) -> str:
    return item if isinstance(item, str) else say(item)
