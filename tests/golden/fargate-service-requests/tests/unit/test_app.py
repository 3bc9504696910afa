"""What is asked and answered, the good and the bad."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from unit.conftest import QUOTE

from list_desk import domain
from list_desk.app import Desk

if TYPE_CHECKING:
    from unit.conftest import Caller


def test_a_quote_is_answered(caller: Caller) -> None:
    answer = caller.ask("POST", "/quotes", json.dumps(QUOTE).encode())

    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"zone": "domestic", "weight_grams": 1_200, "price_cents": 510}


def test_a_zone_is_answered_from_memory(caller: Caller) -> None:
    caller.desk.tariffs = {
        domain.Zone.WORLDWIDE: domain.Tariff(base_cents=1, cents_per_started_kilogram=2, heaviest_grams=3)
    }

    answer = caller.ask("GET", "/zones/worldwide")

    assert answer.json() == {"base_cents": 1, "cents_per_started_kilogram": 2, "heaviest_grams": 3}


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "pointer"),
    [
        pytest.param("GET", "/zones/moon", b"", "", 404, None, id="no such zone"),
        pytest.param("GET", "/nothing", b"", "", 404, None, id="no such path"),
        pytest.param("POST", "/quotes", b"{", "application/json", 400, None, id="no JSON"),
        pytest.param("POST", "/quotes", b"\xff", "application/json", 400, None, id="no text"),
        pytest.param("POST", "/quotes", b"{}", "text/plain", 415, None, id="not as JSON"),
        pytest.param("POST", "/quotes", b'{"zone": "moon"}', "application/json", 422, "#/zone", id="a wrong value"),
        pytest.param(
            "POST",
            "/quotes",
            b'{"zone": "worldwide", "weight_grams": 20001}',
            "application/json",
            422,
            "#/weight_grams",
            id="a parcel that is not carried",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(  # noqa: PLR0913, PLR0917  a table
    method: str, path: str, body: bytes, content_type: str, status: int, pointer: str | None, caller: Caller
) -> None:
    answer = caller.ask(method, path, body, content_type=content_type)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert [error["pointer"] for error in answer.json().get("errors", [])] == ([pointer] if pointer else [])


def test_a_wrong_method_names_the_right_one(caller: Caller) -> None:
    answer = caller.ask("DELETE", "/quotes")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_ready_is_not_alive(caller: Caller) -> None:
    told = []
    for tariffs, is_draining in (({}, False), (domain.TARIFFS, False), (domain.TARIFFS, True)):
        caller.desk.tariffs, caller.desk.is_draining = tariffs, is_draining
        told.append((caller.ask("GET", "/ready").status, caller.ask("GET", "/alive").status))

    assert told == [(503, 204), (200, 204), (503, 204)]


def test_nothing_is_ready_before_it_is_read() -> None:
    assert not Desk().is_ready
