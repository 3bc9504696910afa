"""The audit says the same of a plan and of the code that it was made from, but for what is listed here."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY
from toolbox import module as need

from generator.audit.judging import Reading, report_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.audit.engine import Report

PAIRS = REPOSITORY / "tests" / "cases" / "terraform"
NAMES = sorted(folder.name for folder in PAIRS.iterdir() if folder.is_dir())
WAYS = ("plan", "code")

# What the code alone cannot say, or says less surely.
BY_DEFAULT = "a variable's default decides how many there are, and a plan has its value"
OUT_OF_REACH = "the module is in a registry, and only the plan has what is in it"
SET_OF_IDS = "a plan leaves open how many ids a set will have; the code lists them"
INTENDED = {"copies": BY_DEFAULT, "registry": OUT_OF_REACH, "balancers": SET_OF_IDS}


@pytest.fixture(autouse=True)
def parser() -> None:
    need("hcl2")


def judged(pair: str, way: str) -> Report:
    return report_of(str(PAIRS / pair / way), Reading())


def bill(report: Report) -> dict[str, tuple[str, float | None]]:
    return {line.resource: (line.type, line.usd_per_month) for line in report.idle}


def tiers(report: Report) -> dict[str, str]:
    return {unit.resource.logical_id: unit.tier for unit in report.units}


def findings(report: Report) -> set[tuple[str, str, float | None, str]]:
    return {
        (one.code, one.resource, one.idle_usd_per_month, one.certainty)
        for one in report.findings
        if not one.code.startswith("SF4")
    }


@pytest.mark.parametrize("pair", [name for name in NAMES if name not in INTENDED])
def test_plan_and_code_are_judged_alike(pair: str) -> None:
    plan, code = (judged(pair, way) for way in WAYS)

    assert (bill(code), tiers(code), findings(code)) == (bill(plan), tiers(plan), findings(plan))


@pytest.mark.parametrize(
    ("pair", "certainties"),
    [
        pytest.param("copies", ("certain", "conditional"), id=BY_DEFAULT),
        pytest.param("balancers", ("at defaults", "certain"), id=SET_OF_IDS),
    ],
)
def test_code_is_as_right_and_differs_in_certainty_alone(pair: str, certainties: tuple[str, str]) -> None:
    plan, code = (judged(pair, way) for way in WAYS)

    assert (bill(code), tiers(code)) == (bill(plan), tiers(plan))
    assert {one[:3] for one in findings(code)} == {one[:3] for one in findings(plan)}
    assert tuple({one[3] for one in findings(report)} for report in (plan, code)) == tuple(
        {one} for one in certainties
    )


def test_module_of_a_registry_is_told_as_out_of_reach() -> None:
    plan, code = (judged("registry", way) for way in WAYS)

    assert bill(plan) == {
        "module.vpc.aws_eip.nat[0]": ("AWS::EC2::EIP", 3.65),
        "module.vpc.aws_nat_gateway.this[0]": ("AWS::EC2::NatGateway", 36.5),
    }
    assert bill(code) == {}
    assert [(one.code, "module vpc is out of reach" in one.message) for one in code.findings] == [
        ("SF003", True)
    ]


def without_configuration(plan: dict[str, Any]) -> None:
    del plan["configuration"]


def without_open_values(plan: dict[str, Any]) -> None:
    del plan["resource_changes"]


def without_references(plan: dict[str, Any]) -> None:
    for resource in plan["configuration"]["root_module"]["resources"]:
        resource["expressions"].pop("launch_template", None)


@pytest.mark.parametrize(
    ("change", "usd"),
    [
        # t2.micro costs 0.0116 an hour
        pytest.param(lambda _plan: None, 8.468, id="whole"),
        pytest.param(without_open_values, 8.468, id="no open values"),
        pytest.param(without_configuration, None, id="no configuration"),
        pytest.param(without_references, None, id="no reference to the launch template"),
    ],
)
def test_price_is_unknown_where_a_plan_does_not_lead_to_it(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], usd: float | None
) -> None:
    plan = json.loads((PAIRS / "template" / "plan" / "plan.json").read_text(encoding="utf-8"))
    change(plan)
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    assert bill(report_of(str(tmp_path), Reading()))["aws_autoscaling_group.example"][1] == usd


def test_value_of_code_that_differs_is_seen(tmp_path: Path) -> None:
    shutil.copytree(PAIRS / "cluster" / "code", tmp_path / "code")
    file = tmp_path / "code" / "module-eks" / "main.tf"
    file.write_text(
        file.read_text(encoding="utf-8").replace("min_size     = 1", "min_size = 2"), encoding="utf-8"
    )

    assert bill(report_of(str(tmp_path / "code"), Reading())) != bill(judged("cluster", "plan"))


def test_plan_is_followed_through_a_module_and_an_output(tmp_path: Path) -> None:
    plan = json.loads((PAIRS / "template" / "plan" / "plan.json").read_text(encoding="utf-8"))
    root = plan["configuration"]["root_module"]
    group, template = root.pop("resources")
    group["expressions"]["launch_template"][0]["id"]["references"] = ["var.template"]
    root["module_calls"] = {
        "group": {
            "expressions": {"template": {"references": ["module.template.id", "module.template"]}},
            "module": {"resources": [group]},
        },
        "template": {
            "module": {
                "outputs": {"id": {"expression": {"references": ["aws_launch_template.example.id"]}}},
                "resources": [template],
            }
        },
    }
    for one in (*plan["planned_values"]["root_module"]["resources"], *plan["resource_changes"]):
        module = "group" if "group" in one["address"] else "template"
        one["address"] = f"module.{module}.{one['address']}"
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    found = bill(report_of(str(tmp_path), Reading()))

    assert found["module.group.aws_autoscaling_group.example"][1] == 8.468
