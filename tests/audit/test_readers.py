"""Every language says the same thing in one vocabulary."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def audited(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    main(["audit", str(root), "--format", "json"])
    return dict(json.loads(capsys.readouterr().out))


def found(report: dict[str, Any]) -> list[tuple[str, str, float | None]]:
    return [(one["code"], one["resource"], one["idle_usd_per_month"]) for one in report["findings"]]


def tiers(report: dict[str, Any]) -> dict[str, str]:
    return {unit["resource"]: unit["tier"] for unit in report["units"]}


def planned(address: str, kind: str, **values: Any) -> dict[str, Any]:
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": address.rsplit(".", maxsplit=1)[-1],
        "values": values,
    }


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {
        "root_module": {
            "resources": [
                planned("aws_ecs_cluster.main", "aws_ecs_cluster", name="main"),
                planned(
                    "aws_ecs_service.api",
                    "aws_ecs_service",
                    desired_count=2,
                    launch_type="FARGATE",
                    network_configuration=[{"assign_public_ip": True}],
                ),
                planned(
                    "aws_ecs_service.worker", "aws_ecs_service", launch_type="FARGATE", desired_count=None
                ),
                planned(
                    "aws_ecs_task_definition.api",
                    "aws_ecs_task_definition",
                    cpu="512",
                    memory="1024",
                    requires_compatibilities=["FARGATE"],
                ),
                planned("aws_dynamodb_table.t", "aws_dynamodb_table", billing_mode="PAY_PER_REQUEST"),
                planned("aws_iam_role.r", "aws_iam_role", name="r"),
                planned(
                    "aws_lb.front",
                    "aws_lb",
                    internal=True,
                    load_balancer_type="application",
                    subnets=["a", "b"],
                ),
                planned("aws_autoscaling_group.g", "aws_autoscaling_group", min_size=0),
            ],
            "child_modules": [
                {"resources": [planned("module.vpc.aws_nat_gateway.this[0]", "aws_nat_gateway")]},
            ],
        }
    },
    "resource_changes": [
        {
            "address": "aws_ecs_service.api",
            "change": {"after_unknown": {"task_definition": True, "id": True}},
        },
        {"address": "aws_autoscaling_group.g", "change": {"after_unknown": {"desired_capacity": True}}},
    ],
    "configuration": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_ecs_service.api",
                    "expressions": {
                        "task_definition": {
                            "references": ["aws_ecs_task_definition.api.arn", "aws_ecs_task_definition.api"]
                        }
                    },
                }
            ]
        }
    },
}


def test_a_plan_of_terraform_is_judged_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(PLAN, indent=1), encoding="utf-8")

    report = audited(tmp_path, capsys)

    assert sorted(found(report)) == [
        ("SF101", "aws_autoscaling_group.g", None),
        # 2 x (0.5 x 0.04048 + 1 x 0.004445 + 0.005) x 730
        ("SF201", "aws_ecs_service.api", 43.34),
        ("SF205", "aws_autoscaling_group.g", None),
        ("SF301", "module.vpc.aws_nat_gateway.this[0]", 36.5),
        ("SF302", "aws_lb.front", 16.43),
    ]
    assert tiers(report)["aws_ecs_service.worker"] == "fargate-service"
    assert report["summary"]["unknown"] == 1


@pytest.mark.parametrize("nothing", [None, ""])
def test_metric_of_a_planned_alarm_bills_though_the_plan_names_an_expression_that_it_has_not(
    nothing: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = [{"id": "a", "expression": nothing}, {"id": "b", "expression": nothing}]
    queries.append({"id": "c", "expression": "a / b"})
    alarm = planned("aws_cloudwatch_metric_alarm.a", "aws_cloudwatch_metric_alarm", metric_query=queries)
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"resources": [alarm]}}}
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    report = audited(tmp_path, capsys)

    assert [line["usd_per_month"] for line in report["idle"]] == [0.2]


def test_terraform_that_nobody_can_read_here_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hcl2", None)
    (tmp_path / "main.tf").write_text('resource "aws_nat_gateway" "n" {}\n', encoding="utf-8")

    report = audited(tmp_path, capsys)

    assert [one["message"] for one in report["findings"]] == [
        (
            "A part was not judged: Terraform is judged by its plan: terraform show -json PLAN > plan.json; "
            "with the extra new-service[hcl] by its code."
        )
    ]


def test_the_serverless_framework_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "serverless.yml").write_text(
        """
service: shop
provider: {name: aws, runtime: python3.13, memorySize: 1024}
functions:
  quote: {handler: app.quote, provisionedConcurrency: 2}
  plain: {handler: app.plain}
  staged: {handler: app.staged, provisionedConcurrency: "${param:warm}"}
resources:
  Resources:
    Nat: {Type: AWS::EC2::NatGateway}
""",
        encoding="utf-8",
    )

    report = audited(tmp_path, capsys)

    assert sorted(found(report)) == [
        ("SF202", "QuoteLambdaFunctionAlias", 21.9),
        ("SF202", "StagedLambdaFunctionAlias", None),
        ("SF301", "Nat", 36.5),
    ]
    assert set(tiers(report).values()) == {"lambda"}


@pytest.mark.parametrize(
    ("manifest", "wanted"),
    [
        ("type: Backend Service\ncount: {range: 0-5}", []),
        ("type: Backend Service\ncount: {range: {min: 2, max: 5}}", [("SF201", "apiService")]),
        ("type: Worker Service", [("SF201", "apiService")]),
        ("type: Load Balanced Web Service\ncount: 0", [("SF302", "apiLoadBalancer")]),
        ("type: Request-Driven Web Service", [("SF209", "apiService")]),
        ("type: Scheduled Job", []),
    ],
)
def test_a_manifest_of_copilot_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], manifest: str, wanted: list[tuple[str, str]]
) -> None:
    folder = tmp_path / "copilot" / "api"
    folder.mkdir(parents=True)
    (folder / "manifest.yml").write_text(f"name: api\n{manifest}\ncpu: 256\nmemory: 512\n", encoding="utf-8")

    report = audited(tmp_path, capsys)

    assert [(code, resource) for code, resource, _ in found(report)] == wanted


def test_a_compose_file_gets_advice_and_is_no_violation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  web: {image: nginx, deploy: {replicas: 3}}\n  db: {image: postgres}\n", encoding="utf-8"
    )

    code = main(["audit", str(tmp_path), "--strict", "--format", "json"])

    report = json.loads(capsys.readouterr().out)
    [advice] = report["findings"]
    assert (code, advice["code"], advice["severity"]) == (0, "SF002", "note")
    assert "it runs web, db on one machine" in advice["message"]
    assert report["units"] == []


def test_a_compose_file_without_services_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "compose.yaml").write_text("volumes: {}\n", encoding="utf-8")

    assert audited(tmp_path, capsys)["findings"] == []


@pytest.mark.parametrize(("kind", "tier"), [("FARGATE", "fargate-task"), ("EC2", "ec2")])
def test_a_task_definition_is_a_task(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, tier: str
) -> None:
    task = {"family": "nightly", "requiresCompatibilities": [kind], "cpu": "256", "containerDefinitions": []}
    (tmp_path / "task.json").write_text(json.dumps(task), encoding="utf-8")

    assert tiers(audited(tmp_path, capsys)) == {"nightly": tier}
