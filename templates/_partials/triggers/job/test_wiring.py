"""Only who has the right starts a job, and none that was taken is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

{% include "templates/_partials/asynchronous/letters.py" %}

def test_only_who_has_the_right_starts_a_job(stack: Stack) -> None:
    doors = stack.of_type("AWS::Lambda::Permission", "AWS::Lambda::Url", "AWS::Lambda::EventSourceMapping")

    assert not doors, f"{doors[0]} lets others start jobs: a right of theirs, lambda:InvokeFunction, is enough"


{% include "templates/_partials/asynchronous/test_dead_letters.py" %}
