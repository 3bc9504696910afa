from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import prices
from generator.prices import UnknownPriceError
from scripts import build_prices
from scripts.idle_formulas import FactsError, evaluate

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "data/aws-facts.yaml").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def loaded() -> prices.Prices:
    return prices.load()


def broken(facts: dict[str, Any], resource_type: str, **changes: object) -> dict[str, Any]:
    document = copy.deepcopy(facts)
    row = next(row for row in document["idle_cost_by_cfn_type"] if row["type"] == resource_type)
    row.update(changes)
    return document


def test_made_files_are_what_the_facts_say() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "scripts.build_prices", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def test_order_of_the_facts_does_not_change_the_made_files(facts: dict[str, Any]) -> None:
    turned = {**facts, "idle_cost_by_cfn_type": facts["idle_cost_by_cfn_type"][::-1]}

    assert build_prices.build(turned) == build_prices.build(facts)


@pytest.mark.parametrize(
    ("resource_type", "changes", "problem"),
    [
        ("AWS::EC2::NatGateway", {"example_usd_per_month": 99}, "its example says 99"),
        ("AWS::EC2::NatGateway", {"formula": "azs*unheard"}, "unheard is not part of the formula language"),
        ("AWS::EC2::NatGateway", {"formula": "__import__('os')"}, "is not part of the formula language"),
        ("AWS::EC2::EIP", {"idle": "sometimes"}, "idle is sometimes"),
        ("AWS::EC2::EIP", {"source": []}, "no source"),
        ("AWS::EC2::EIP", {"idle": "none"}, "bills nothing, yet has a price"),
        ("AWS::EC2::EIP", {"idle": "conditional"}, "conditional without a predicate"),
        ("AWS::SSM::Parameter", {"when": {"path": "Tier", "op": "is", "value": 1}}, "unknown operation is"),
        ("AWS::SSM::Parameter", {"when": {"path": "Tier", "op": "eq"}}, "operation eq needs a value"),
        ("AWS::SSM::Parameter", {"when": {"op": "exists"}}, "a clause without a path"),
        ("AWS::SSM::Parameter", {"when": {"any": []}}, "`any` stands alone with at least one clause"),
    ],
)
def test_facts_that_contradict_themselves_are_refused(
    facts: dict[str, Any], resource_type: str, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(FactsError, match=problem) as refused:
        build_prices.build(broken(facts, resource_type, **changes))

    assert str(refused.value).startswith(f"{resource_type}: ")


def test_a_type_listed_twice_is_refused(facts: dict[str, Any]) -> None:
    rows = facts["idle_cost_by_cfn_type"]

    with pytest.raises(FactsError, match="AWS::EC2::EIP: listed twice"):
        build_prices.build(
            {**facts, "idle_cost_by_cfn_type": [*rows, next(r for r in rows if r["type"].endswith("::EIP"))]}
        )


def test_a_formula_reads_the_price_tables(facts: dict[str, Any]) -> None:
    usd = evaluate("n*price_ec2(type)*730", {"n": 2, "type": "g5.xlarge"}, facts["usage_prices"])

    assert usd == pytest.approx(1468.76)


def test_every_price_names_source_date_and_confidence(loaded: prices.Prices) -> None:
    rows = [*loaded.usage.values(), *loaded.idle.values(), *loaded.machines]

    for row in rows:
        assert row.provenance.source
        assert row.provenance.as_of
        assert row.provenance.confidence in {"verified", "single-source", "from-memory"}


def test_volume_bands_are_billed_band_by_band(loaded: prices.Prices) -> None:
    http_api = loaded.price("api_gateway_http")

    assert http_api.cost(0) == 0
    assert http_api.cost(300e6) == pytest.approx(300.00)
    assert http_api.cost(400e6) == pytest.approx(390.00)
    assert loaded.price("lambda_gb_second_arm64").cost(10e9) == pytest.approx(
        7.5e9 * 0.0000133334 + 2.5e9 * 0.0000120001
    )


def test_prices_of_a_million_and_of_a_thousand_are_told_apart(loaded: prices.Prices) -> None:
    assert loaded.usd("lambda_requests") == pytest.approx(0.20 / 1_000_000)
    assert loaded.usd("step_functions.standard_per_thousand_transitions") == pytest.approx(25 / 1_000_000)
    assert loaded.usd("alb.hour") == pytest.approx(0.0225)


def test_unknown_prices_are_errors_and_never_free(loaded: prices.Prices) -> None:
    with pytest.raises(UnknownPriceError, match=r"no usage price 'quantum\.hour'"):
        loaded.usd("quantum.hour")
    with pytest.raises(UnknownPriceError, match="does not know AWS::Braket::Device"):
        loaded.idle_usd_per_month("AWS::Braket::Device")
    with pytest.raises(UnknownPriceError, match="no fixed amount for AWS::ECS::Service"):
        loaded.idle_usd_per_month("AWS::ECS::Service")


def test_idle_costs_of_whole_resources(loaded: prices.Prices) -> None:
    assert loaded.idle_usd_per_month("AWS::Route53::HostedZone") == pytest.approx(0.50)
    assert loaded.idle_usd_per_month("AWS::KMS::Key") == pytest.approx(1.00)
    assert loaded.idle_usd_per_month("AWS::ApiGatewayV2::Api") == 0


def test_the_rendered_table_places_every_type_once(loaded: prices.Prices) -> None:
    table = json.loads((ROOT / "templates/_partials/idle_cost.json").read_text(encoding="utf-8"))

    groups = [table[group] for group in ("bills_always", "bills_when", "bills_stored_bytes", "bills_nothing")]
    named = [name for group in groups for name in group]

    assert sorted(named) == sorted(loaded.idle)
    assert "AWS::EC2::NatGateway" in table["bills_always"]
    assert table["bills_when"]["AWS::DynamoDB::Table"]["when"]["all"][0]["default"] == "PROVISIONED"
    assert "AWS::Logs::LogGroup" in table["bills_stored_bytes"]
    assert "AWS::ApiGatewayV2::Api" in table["bills_nothing"]
    assert (table["prices_version"], table["as_of"]) == (loaded.version, loaded.as_of.isoformat())


def test_the_rendered_table_keeps_unknown_amounts_unknown() -> None:
    table = json.loads((ROOT / "templates/_partials/idle_cost.json").read_text(encoding="utf-8"))

    assert table["bills_always"]["AWS::FSx::FileSystem"]["usd_per_month"] is None
    priced = [row for group in ("bills_always", "bills_when") for row in table[group].values()]
    assert all(("formula" in row) != ("usd_per_month" in row) for row in priced)
