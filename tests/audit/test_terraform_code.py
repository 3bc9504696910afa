"""Terraform as it is written, where the extra is installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import module as need

from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def parser() -> None:
    need("hcl2")


MAIN = """
locals { tasks = var.tasks }
resource "aws_ecs_cluster" "c" { name = "c" }
resource "aws_ecs_service" "api" {
  cluster       = aws_ecs_cluster.c.id
  launch_type   = "FARGATE"
  desired_count = local.tasks
}
resource "aws_ecs_service" "off" {
  launch_type   = "FARGATE"
  desired_count = 0
}
resource "aws_nat_gateway" "none" { count = 0 }
resource "aws_nat_gateway" "some" { count = var.zones }
resource "aws_iam_role" "r" { name = "r" }
module "vpc" { source = "terraform-aws-modules/vpc/aws" }
"""
VARIABLES = """
variable "tasks" { default = 2 }
variable "zones" { type = number }
variable "size" { default = "micro" }
"""


def audited(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    main(["audit", str(root), "--format", "json", *words])
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(MAIN, encoding="utf-8")
    (tmp_path / "host.tf").write_text(
        '\n\nresource "aws_instance" "host" { instance_type = "t3.${var.size}" }\n', encoding="utf-8"
    )
    (tmp_path / "variables.tf").write_text(VARIABLES, encoding="utf-8")
    return tmp_path


def test_module_is_judged_with_variables_at_their_defaults(
    module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = audited(module, capsys)

    found = {(one["code"], one["resource"]): one for one in report["findings"]}
    assert set(found) == {
        ("SF003", ""),
        ("SF101", "aws_instance.host"),
        ("SF201", "aws_ecs_service.api"),
        ("SF206", "aws_instance.host"),
        ("SF301", "aws_nat_gateway.some"),
    }
    service = found["SF201", "aws_ecs_service.api"]
    assert (service["value"], service["certainty"]) == ("2 (variable tasks, default 2)", "at defaults")
    assert found["SF301", "aws_nat_gateway.some"]["certainty"] == "conditional"
    host = found["SF206", "aws_instance.host"]
    # 0.0104 an hour, and 8 GB of disk
    assert (host["file"], host["line"], host["idle_usd_per_month"]) == ("host.tf", 3, 8.23)
    assert "module vpc is out of reach" in found["SF003", ""]["message"]


def test_given_variable_wins(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = audited(module, capsys, "--parameters", "tasks=0")

    assert "SF201" not in {one["code"] for one in report["findings"]}


def test_what_is_no_hcl_is_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_instance" {', encoding="utf-8")

    assert [one["code"] for one in audited(tmp_path, capsys)["findings"]] == ["SF001"]
