"""What a receiver is told, without AWS."""

from __future__ import annotations

import itertools

import pytest

from parcel_notices import domain
from parcel_notices.domain import Notice, Status


@pytest.mark.parametrize(
    ("before", "after", "notice"),
    [
        (None, Status.REGISTERED, Notice.ANNOUNCED),
        (Status.REGISTERED, Status.IN_TRANSIT, Notice.ON_ITS_WAY),
        (Status.IN_TRANSIT, Status.DELIVERED, Notice.ARRIVED),
        (None, Status.DELIVERED, Notice.ARRIVED),
    ],
)
def test_a_receiver_is_told_where_the_parcel_is(before: Status | None, after: Status, notice: Notice) -> None:
    assert domain.notice_of(before, after) is notice


@pytest.mark.parametrize("status", [None, *Status])
def test_a_receiver_is_told_nothing_when_nothing_moves_or_the_parcel_is_forgotten(status: Status | None) -> None:
    assert domain.notice_of(status, status) is None
    assert domain.notice_of(status, None) is None


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(Status, 2)))
def test_a_parcel_never_goes_back(earlier: Status, later: Status) -> None:
    assert domain.notice_of(earlier, later) is not None
    with pytest.raises(domain.ImpossibleMoveError, match=f"that is {later} cannot become {earlier}"):
        domain.notice_of(later, earlier)
