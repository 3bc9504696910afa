"""Make `generator/prices.json` and the idle table of rendered repositories from `data/aws-facts.yaml`.

Run `python -m scripts.build_prices` after the facts change; `--check` only says which made files are stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from scripts.idle_formulas import FactsError, check_idle_row

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "data/aws-facts.yaml"
PRICES = Path("generator/prices.json")
IDLE_COST = Path("templates/_partials/idle_cost.json")

# The usage prices that the product reads: row of the facts -> its items, or none when the row is one price.
USED: Mapping[str, Sequence[str]] = {
    "alb": ("hour", "lcu_hour"),
    "api_gateway_http": (),
    "api_gateway_websocket": ("per_million_messages", "per_million_connection_minutes"),
    "cloudwatch_alarm_month": ("standard",),
    "cloudwatch_logs": ("ingest_gb", "store_gb_month"),
    "dynamodb_on_demand": ("write_per_million", "read_per_million"),
    "ebs": ("gp3_gb_month",),
    "eventbridge": (
        "custom_per_million",
        "opt_in_data_per_million",
        "pipes_per_million",
        "scheduler_per_million",
    ),
    "fargate": (
        "arm64_gb_hour",
        "arm64_vcpu_hour",
        "ephemeral_gb_hour_over_20",
        "windows_gb_hour",
        "windows_os_vcpu_hour",
        "windows_vcpu_hour",
        "x86_gb_hour",
        "x86_vcpu_hour",
    ),
    "iot_core": (
        "per_million_messages",
        "per_million_connection_minutes",
        "rules_per_million",
        "rule_actions_per_million",
    ),
    "kinesis_on_demand": ("stream_hour", "in_gb", "out_gb"),
    "lambda_durable": ("per_million_operations", "gb_written", "gb_month_retained"),
    "lambda_ephemeral_gb_second": (),
    "lambda_gb_second_arm64": (),
    "lambda_gb_second_x86": (),
    "lambda_provisioned_concurrency": ("idle_arm64", "idle_x86"),
    "lambda_requests": (),
    "nat_gateway": ("hour", "gb"),
    "nlb": ("hour", "nlcu_hour"),
    "public_ipv4_hour": (),
    "s3_standard": ("put_per_thousand", "get_per_ten_thousand"),
    "sqs": ("standard_per_million",),
    "step_functions": ("standard_per_thousand_transitions",),
}

Row = Mapping[str, Any]


def build(facts: Row) -> dict[Path, str]:
    """Return the text of each made file by its path in the repository.

    Raises:
        FactsError: The facts contradict themselves; every problem is named.
    """
    idle_rows = facts["idle_cost_by_cfn_type"]
    problems = [problem for row in idle_rows for problem in check_idle_row(row, facts["usage_prices"])]
    types = [row["type"] for row in idle_rows]
    types += [kind for group in facts["free_cfn_types"] for kind in group["types"]]
    problems += [
        f"{name}: listed twice" for name in sorted({name for name in types if types.count(name) > 1})
    ]
    if problems:
        raise FactsError("\n".join(problems))
    head = {
        "version": str(facts["meta"]["compiled_on"])[:7].replace("-", "."),
        "as_of": facts["meta"]["compiled_on"],
        "region": facts["meta"]["region"],
        "currency": facts["meta"]["currency"],
    }
    return {PRICES: _prices(head, facts), IDLE_COST: _idle_cost(head, facts)}


def _prices(head: Row, facts: Row) -> str:
    usage = dict(_usage(facts["usage_prices"]))
    idle = {
        row["type"]: {key: row[key] for key in row if key not in {"type", "category"}}
        for row in _sorted(facts)
    }
    sizes = facts["usage_prices"]["ec2_instance_sizes"]["value"]
    machines = {name: {**size, **_ec2_price(name, facts["usage_prices"])} for name, size in sizes.items()}
    free = _free(facts)
    priced = [*usage.values(), *idle.values(), *free.values()]
    named = {source.split(":")[0] for row in priced for source in row["source"]}
    sources = {name: row for name, row in facts["meta"]["sources"].items() if name in named}
    scalars = {**head, "confidence": facts["meta"]["confidence"]}
    usage_prices = facts["usage_prices"]
    hourly = {f"price_{name}": usage_prices[f"{name}_on_demand"]["usd"] for name in ("ec2", "rds")}
    tables = {
        "sources": sources,
        "usage": usage,
        "ec2": machines,
        "hourly": hourly,
        "idle": idle,
        "free": free,
    }
    return _document(scalars, tables, {})


def _free(facts: Row) -> dict[str, Row]:
    """Return the types that are known for being free alone, with where that is from."""
    groups = facts["free_cfn_types"]
    said = ("source", "as_of", "confidence")
    return {kind: {key: group[key] for key in said} for group in groups for kind in group["types"]}


def _usage(prices: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, items in USED.items():
        row = prices[name]
        told = {key: row[key] for key in ("unit", "source", "as_of", "confidence", "note") if key in row}
        for item in items:
            yield f"{name}.{item}", {"usd": row["usd"][item], "per": _per(item), **told}
        if not items and isinstance(row["usd"], list):
            tiers = [[_tier_end(tier), tier["usd"]] for tier in row["usd"]]
            yield name, {"tiers": tiers, "per": _per(row["unit"]), **told}
        elif not items:
            yield name, {"usd": row["usd"], "per": _per(row["unit"]), **told}


def _per(words: str) -> int:
    """Return the quantity that one price buys, as its unit or item name says."""
    told = words.replace("_", " ")
    return next((quantity for name, quantity in _QUANTITIES.items() if f"per {name}" in told), 1)


_QUANTITIES = {"million": 1_000_000, "ten thousand": 10_000, "thousand": 1_000}


def _tier_end(tier: Row) -> float | None:
    """Return the monthly quantity at which a price tier ends, or None for the last one."""
    unit = 1_000_000 if "up_to_millions" in tier else 1
    end = tier["up_to_millions"] if "up_to_millions" in tier else tier["up_to_gb_s"]
    return None if end is None else float(end) * unit


def _ec2_price(name: str, prices: Row) -> dict[str, Any]:
    row = prices["ec2_on_demand"]
    return {"usd_per_hour": row["usd"][name], **{key: row[key] for key in ("source", "as_of", "confidence")}}


def _idle_cost(head: Row, facts: Row) -> str:
    rows = _sorted(facts)
    language = facts["meta"]["predicate_language"]
    scalars = {
        "about": "What each CloudFormation resource type bills while nothing happens. A type that is not "
        "listed, or a value that cannot be resolved, is unknown: never free. So is a usd_per_month of null.",
        "when_language": {key: language[key] for key in ("clause", "ops", "combine", "path")},
        "prices_version": head["version"],
        **{key: head[key] for key in ("as_of", "region", "currency")},
    }
    tables = {
        "bills_always": {
            row["type"]: _idle_entry(row) for row in rows if row["idle"] == "fixed" and "when" not in row
        },
        "bills_when": {row["type"]: _idle_entry(row) for row in rows if "when" in row},
        "bills_stored_bytes": {row["type"]: _idle_entry(row) for row in rows if row["idle"] == "storage"},
    }
    nothing = [*(row["type"] for row in rows if row["idle"] == "none"), *_free(facts)]
    return _document(scalars, tables, {"bills_nothing": sorted(nothing)})


def _idle_entry(row: Row) -> dict[str, Any]:
    entry = {key: row[key] for key in ("when", "formula", "example_usd_per_month") if key in row}
    if "formula" not in row and row["idle"] != "storage":
        entry["usd_per_month"] = row.get("usd_per_month")
    return {**entry, **({"note": row["note"]} if "note" in row else {})}


def _sorted(facts: Row) -> list[Row]:
    return sorted(facts["idle_cost_by_cfn_type"], key=lambda row: row["type"])


def _document(scalars: Row, tables: Mapping[str, Row], lists: Mapping[str, Sequence[str]]) -> str:
    """Return JSON with a line for each value, table row and list element: a diff shows one fact a line."""
    parts = [f" {json.dumps(key)}: {_line(value)}" for key, value in scalars.items()]
    for key, table in tables.items():
        rows = ",\n".join(f"  {json.dumps(name)}: {_line(table[name])}" for name in sorted(table))
        parts.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
    for key, names in lists.items():
        elements = ",\n".join(f"  {json.dumps(name)}" for name in names)
        parts.append(f" {json.dumps(key)}: [\n{elements}\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    """Return the value with whole floats as integers, so that 6000000000.0 reads 6000000000."""
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def main() -> int:
    """Write the made files, or with `--check` say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a made file is stale"
    )
    check = parser.parse_args().check
    try:
        made = build(yaml.safe_load(FACTS.read_text(encoding="utf-8")))
    except FactsError as error:
        print(f"error: {FACTS.name} contradicts itself\n{error}", file=sys.stderr)
        return 2
    stale = [path for path, text in made.items() if not _holds(ROOT / path, text)]
    for path in stale:
        if check:
            print(f"error: {path} is stale\n\nhint: run `python -m scripts.build_prices`", file=sys.stderr)
        else:
            (ROOT / path).write_text(made[path], encoding="utf-8", newline="\n")
    return 1 if check and stale else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
