"""Write dollars and quantities as a person reads them; used by the cost texts, the charts and the reports."""

from __future__ import annotations

__all__ = ["dollars", "quantity", "short", "unit_of_work"]

_CENT = 0.01
_SCALES = ((1e12, "trillion", "T"), (1e9, "billion", "B"), (1e6, "million", "M"))
_THOUSAND = 1e3
_UNITS_OF_WORK = {
    "event": "events",
    "schedule": "runs",
    "job": "runs",
    "connection_in": "messages",
    "connection_out": "messages",
}


def dollars(usd: float) -> str:
    """Return an amount of money: cents below $1,000, whole dollars above, never a rounded-away $0.00."""
    if 0 < usd < _CENT / 2:
        return "under $0.01"
    return f"${usd:,.2f}" if usd < _THOUSAND else f"${usd:,.0f}"


def quantity(count: float) -> str:
    """Return a quantity in words, with three significant digits from a million on: 43.5 million."""
    for size, word, _ in _SCALES:
        if count >= size:
            return f"{_three_digits(count / size)} {word}"
    return f"{count:,.0f}" if count == int(count) or count >= _THOUSAND else f"{count:.3g}"


def short(count: float) -> str:
    """Return a quantity for an axis or a mark: 10k, 43.5M."""
    for size, _, letter in (*_SCALES, (_THOUSAND, "", "k")):
        if count >= size:
            return f"{_three_digits(count / size)}{letter}"
    return _three_digits(count)


def unit_of_work(trigger: str) -> str:
    """Return what a workload with this trigger does many of."""
    return _UNITS_OF_WORK.get(trigger, "requests")


def _three_digits(count: float) -> str:
    return f"{count:.3g}" if count < _THOUSAND else f"{count:,.0f}"
