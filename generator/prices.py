"""Look up what AWS charges, each price with its source and date; `scripts/build_prices.py` makes the data.

Prices are list prices of one region without tax and free tier. What the data does not hold is an error here,
never zero.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "IdleCost",
    "Machine",
    "Price",
    "PriceTier",
    "Prices",
    "Provenance",
    "UnknownPriceError",
    "load",
    "parse",
]


class UnknownPriceError(LookupError):
    """The price data does not hold what was looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a price was seen.

    Attributes:
        source: Keys of `Prices.sources`, some with a path after a colon.
        as_of: Date or month the sources speak of; "unknown" where they do not say.
        confidence: verified, single-source or from-memory.
    """

    source: tuple[str, ...]
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTier:
    """A volume band of a month.

    Attributes:
        up_to: Quantity at which the band ends; None for the last one.
    """

    up_to: float | None
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One usage price.

    Attributes:
        per: The quantity that `usd` of a tier buys, for example 1,000,000 requests.
    """

    name: str
    tiers: tuple[PriceTier, ...]
    per: int
    unit: str
    provenance: Provenance
    note: str

    def cost(self, quantity: float) -> float:
        """Return the dollars that a month's quantity costs, band by band."""
        usd, start = 0.0, 0.0
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            usd += max(0.0, end - start) * tier.usd / self.per
            start = end
        return usd

    @property
    def usd_each(self) -> float:
        """Return the dollars for a quantity of one, in the first band."""
        return self.tiers[0].usd / self.per


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleCost:
    """What a CloudFormation resource type bills while nothing happens.

    Attributes:
        kind: none, fixed (while it exists), conditional (while `when` holds) or storage (stored bytes only).
        usd_per_month: A fixed amount; None when a formula gives it or nobody knows it.
        when: The predicate over its properties, in the language of `templates/_partials/idle_cost.json`.
        variables: Formula variable -> where its value comes from.
    """

    resource_type: str
    kind: Literal["none", "fixed", "conditional", "storage"]
    usd_per_month: float | None
    when: Mapping[str, Any] | None
    formula: str
    variables: Mapping[str, Mapping[str, Any]]
    note: str
    zero_idle_alternative: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An EC2 instance type with its on-demand price for Linux."""

    instance_type: str
    vcpu: float
    memory_gib: float
    architecture: Literal["arm64", "x86_64"]
    gpu: bool
    usd_per_hour: float
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Every price that the product uses, for one region on one date.

    Attributes:
        usage: Price by name, for example "fargate.arm64_vcpu_hour".
        idle: Idle cost by CloudFormation type.
        machines: EC2 types that an estimate may pick, cheapest first.
        hourly: Look-up of an idle formula -> instance type -> dollars an hour.
        sources: Source key -> what it is.
    """

    version: str
    as_of: date
    region: str
    usage: Mapping[str, Price]
    idle: Mapping[str, IdleCost]
    machines: tuple[Machine, ...]
    hourly: Mapping[str, Mapping[str, float]]
    sources: Mapping[str, str]

    def price(self, name: str) -> Price:
        """Return a usage price.

        Raises:
            UnknownPriceError: The data has no such price.
        """
        try:
            return self.usage[name]
        except KeyError:
            raise UnknownPriceError(f"the price data of {self.as_of} has no usage price {name!r}") from None

    def usd(self, name: str) -> float:
        """Return the dollars that one of a usage price's unit costs, before any volume band.

        Raises:
            UnknownPriceError: The data has no such price.
        """
        return self.price(name).usd_each

    def idle_usd_per_month(self, resource_type: str) -> float:
        """Return what one resource of a type bills each month although nothing happens.

        Raises:
            UnknownPriceError: The type is not known, or its amount depends on its properties.
        """
        row = self.idle.get(resource_type)
        if row is None or row.usd_per_month is None:
            problem = "does not know" if row is None else "has no fixed amount for"
            raise UnknownPriceError(f"the idle table of {self.as_of} {problem} {resource_type}")
        return row.usd_per_month


def load() -> Prices:
    """Return the prices that this version of the product carries."""
    return parse(json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8")))


def parse(document: Mapping[str, Any]) -> Prices:
    """Return the prices that a document of the form of `prices.json` holds."""
    machines = (_machine(name, row) for name, row in document["ec2"].items())
    return Prices(
        version=document["version"],
        as_of=date.fromisoformat(document["as_of"]),
        region=document["region"],
        usage={name: _price(name, row) for name, row in document["usage"].items()},
        idle={
            **{name: _idle_cost(name, {"idle": "none", **row}) for name, row in document["free"].items()},
            **{name: _idle_cost(name, row) for name, row in document["idle"].items()},
        },
        machines=tuple(sorted(machines, key=lambda machine: (machine.usd_per_hour, machine.instance_type))),
        hourly=document["hourly"],
        sources={name: row["what"] for name, row in document["sources"].items()},
    )


def _price(name: str, row: Mapping[str, Any]) -> Price:
    tiers = row["tiers"] if "tiers" in row else [[None, row["usd"]]]
    return Price(
        name=name,
        tiers=tuple(PriceTier(up_to=up_to, usd=usd) for up_to, usd in tiers),
        per=row["per"],
        unit=row["unit"],
        provenance=_provenance(row),
        note=row.get("note", ""),
    )


def _idle_cost(resource_type: str, row: Mapping[str, Any]) -> IdleCost:
    return IdleCost(
        resource_type=resource_type,
        kind=row["idle"],
        usd_per_month=0.0 if row["idle"] == "none" else row.get("usd_per_month"),
        when=row.get("when"),
        formula=row.get("formula", ""),
        variables=row.get("vars", {}),
        note=row.get("note", ""),
        zero_idle_alternative=row.get("zero_idle_alternative", ""),
        provenance=_provenance(row),
    )


def _machine(instance_type: str, row: Mapping[str, Any]) -> Machine:
    return Machine(
        instance_type=instance_type,
        vcpu=row["vcpu"],
        memory_gib=row["memory_gib"],
        architecture=row["architecture"],
        gpu=row.get("gpu", False),
        usd_per_hour=row["usd_per_hour"],
        provenance=_provenance(row),
    )


def _provenance(row: Mapping[str, Any]) -> Provenance:
    return Provenance(source=tuple(row["source"]), as_of=str(row["as_of"]), confidence=row["confidence"])
