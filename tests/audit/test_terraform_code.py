"""Terraform as it is written, where the extra is installed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import module as need

from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def parser() -> None:
    need("hcl2")


LONGEST_SECONDS = 10.0


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


def judged(
    root: Path, capsys: pytest.CaptureFixture[str], code: str
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is found in one file of code, by rule and resource."""
    (root / "main.tf").write_text(code, encoding="utf-8")
    return {(one["code"], one["resource"]): one for one in audited(root, capsys)["findings"]}


def test_count_and_for_each_make_as_many_as_they_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judged(
        tmp_path,
        capsys,
        """
        variable "zones" { default = ["a", "b"] }
        resource "aws_nat_gateway" "counted" { count = length(var.zones) }
        resource "aws_lb" "each" {
          for_each = { inner = true, outer = false }
          internal = each.value
        }
        resource "aws_nat_gateway" "off" { count = length(var.zones) > 2 ? 1 : 0 }
        """,
    )

    assert {resource: one["idle_usd_per_month"] for (_, resource), one in found.items()} == {
        "aws_nat_gateway.counted[0]": 36.5,
        "aws_nat_gateway.counted[1]": 36.5,
        'aws_lb.each["inner"]': 16.43,
        # 0.0225 an hour, and an address in each of two zones
        'aws_lb.each["outer"]': 23.73,
    }
    assert found["SF301", "aws_nat_gateway.counted[0]"]["certainty"] == "conditional"
    assert found["SF302", 'aws_lb.each["inner"]']["certainty"] == "certain"


SCALED = """
resource "aws_ecs_cluster" "c" { name = "c" }
resource "aws_ecs_service" "api" {
  cluster       = aws_ecs_cluster.c.id
  launch_type   = "FARGATE"
  desired_count = 4
}
resource "aws_appautoscaling_target" "api" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.c.name}/${aws_ecs_service.api.name}"
  min_capacity       = MINIMUM
  max_capacity       = 4
}
"""


@pytest.mark.parametrize(
    ("minimum", "codes"), [pytest.param("0", set(), id="sleeps"), pytest.param("1", {"SF201"}, id="stays")]
)
def test_scaling_that_names_a_service_in_a_text_sets_its_minimum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], minimum: str, codes: set[str]
) -> None:
    found = judged(tmp_path, capsys, SCALED.replace("MINIMUM", minimum))

    assert {code for code, _ in found} == codes


def test_price_follows_the_launch_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = judged(
        tmp_path,
        capsys,
        """
        resource "aws_launch_template" "t" { instance_type = "m5.large" }
        resource "aws_launch_configuration" "old" { instance_type = "m5.large" }
        resource "aws_autoscaling_group" "new" {
          min_size = 1
          launch_template { id = aws_launch_template.t.id }
        }
        resource "aws_autoscaling_group" "old" {
          min_size = 1
          launch_configuration = "${aws_launch_configuration.old.name}"
        }
        resource "aws_autoscaling_group" "mixed" {
          min_size = 1
          mixed_instances_policy {
            launch_template {
              launch_template_specification { launch_template_id = aws_launch_template.t.id }
            }
          }
        }
        """,
    )

    # 0.096 an hour
    assert {
        name: found["SF205", f"aws_autoscaling_group.{name}"]["idle_usd_per_month"]
        for name in ("new", "old", "mixed")
    } == {"new": 70.08, "old": 70.08, "mixed": 70.08}


def test_repeated_block_is_read_where_its_list_is_known_and_unknown_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = """
        resource "aws_rds_cluster" "NAME" {
          engine = "aurora-postgresql"
          dynamic "serverlessv2_scaling_configuration" {
            for_each = LIST
            content { min_capacity = serverlessv2_scaling_configuration.value }
          }
        }
        """
    code = "".join(
        cluster.replace("NAME", name).replace("LIST", of)
        for name, of in {"kept": "[1]", "sleeps": "[0]", "none": "[]", "asked": "var.capacity"}.items()
    )

    found = judged(tmp_path, capsys, f'{code}\nvariable "capacity" {{}}\n')

    assert {resource: one["certainty"] for (_, resource), one in found.items()} == {
        "aws_rds_cluster.kept": "certain",
        "aws_rds_cluster.asked": "unknown",
    }


def test_line_is_that_of_the_property(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = judged(
        tmp_path,
        capsys,
        'resource "aws_ecs_service" "api" {\n  launch_type = "FARGATE"\n  desired_count = 2\n}\n',
    )

    assert found["SF201", "aws_ecs_service.api"]["line"] == 3


def test_line_is_not_that_of_a_text_or_of_another_block(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judged(
        tmp_path,
        capsys,
        """locals {
  told = <<-EOT
    resource "aws_ecs_service" "api" {
      desired_count = 9
    }
  EOT
}
resource "aws_ecs_service" "api" {
  launch_type = "FARGATE"
  tags = {
    desired_count = "two"
  }
  desired_count = 2
}
""",
    )

    assert found["SF201", "aws_ecs_service.api"]["line"] == 13


def test_module_of_the_repository_is_judged_with_its_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, code in {
        "live": """
            variable "tasks" {}
            module "network" {
              source   = "../modules/network"
              gateways = 2
            }
            module "api" {
              source   = "../modules/service"
              cluster  = module.shared["x"].cluster
              tasks    = var.tasks
              strategy = "FARGATE"
            }
            module "shared" {
              for_each = toset(["x"])
              source   = "../modules/cluster"
            }
            """,
        "modules/network": """
            variable "gateways" { default = 0 }
            resource "aws_nat_gateway" "this" { count = var.gateways }
            """,
        "modules/cluster": """
            resource "aws_ecs_cluster" "this" {}
            resource "aws_ecs_cluster_capacity_providers" "this" {
              cluster_name = aws_ecs_cluster.this.name
              default_capacity_provider_strategy { capacity_provider = "FARGATE_SPOT" }
            }
            output "cluster" { value = aws_ecs_cluster.this.id }
            """,
        "modules/service": """
            variable "cluster" {}
            variable "tasks" {}
            resource "aws_ecs_service" "this" {
              cluster       = var.cluster
              desired_count = var.tasks
            }
            """,
    }.items():
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "main.tf").write_text(code, encoding="utf-8")
    (tmp_path / "live" / "terraform.tfvars").write_text("tasks = 3\n", encoding="utf-8")

    report = audited(tmp_path, capsys)

    found = {(one["code"], one["resource"]): one for one in report["findings"]}
    assert set(found) == {
        ("SF201", "module.api.aws_ecs_service.this"),
        ("SF301", "module.network.aws_nat_gateway.this[0]"),
        ("SF301", "module.network.aws_nat_gateway.this[1]"),
    }
    service = found["SF201", "module.api.aws_ecs_service.this"]
    assert (service["file"], service["value"]) == (
        "modules/service/main.tf",
        "3 (variable tasks, terraform.tfvars)",
    )
    assert report["units"][0]["tier"] == "fargate-service"


def test_code_written_as_json_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = {
        "variable": {"on": {"default": True}},
        "resource": {
            "aws_nat_gateway": {"a": {"count": "${var.on ? 1 : 0}"}, "b": {"count": "${var.on ? 0 : 1}"}}
        },
    }
    (tmp_path / "cdk.tf.json").write_text(json.dumps(code), encoding="utf-8")

    assert [one["resource"] for one in audited(tmp_path, capsys)["findings"]] == ["aws_nat_gateway.a[0]"]


def test_published_version_and_warm_pool_are_judged_as_cloudformation_declares_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judged(
        tmp_path,
        capsys,
        """
        resource "aws_lambda_function" "kept" {
          runtime = "python3.13"
          publish = true
          snap_start { apply_on = "PublishedVersions" }
        }
        resource "aws_lambda_function" "unpublished" {
          runtime = "python3.13"
          snap_start { apply_on = "PublishedVersions" }
        }
        resource "aws_autoscaling_group" "g" {
          min_size = 0
          warm_pool { min_size = 1 }
        }
        """,
    )

    assert set(found) == {
        ("SF210", "aws_lambda_function.kept.publish"),
        ("SF101", "aws_autoscaling_group.g"),
        ("SF205", "aws_autoscaling_group.g.warm_pool"),
    }


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "\n".join(
                ['locals { a0 = "xxxxxxxxxxxxxxxxxxxx" }']
                + [f'locals {{ a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}} " }}' for n in range(1, 60)]
                + ['resource "aws_instance" "i" { instance_type = local.a59 }']
            ),
            id="texts that double",
        ),
        pytest.param(
            "\n".join(
                ["locals { a0 = [1] }"]
                + [f"locals {{ a{n} = concat(local.a{n - 1}, local.a{n - 1} ) }}" for n in range(1, 60)]
                + ['resource "aws_instance" "i" { instance_type = local.a59 }']
            ),
            id="lists that double",
        ),
        pytest.param(
            'locals { a = local.b\n b = local.a }\nresource "aws_instance" "i" { instance_type = local.a }',
            id="a circle",
        ),
        pytest.param(
            'module "self" {\n  source = "./"\n  count = 90\n}\nresource "aws_instance" "i" {}',
            id="a module that calls itself",
        ),
        pytest.param(
            'resource "aws_instance" "i" {}\n'
            "locals { a = [for one in range(900) : [for two in range(900) : two]] }\n"
            + "".join(f'resource "aws_lb" "l{n}" {{ subnets = local.a }}\n' for n in range(20)),
            id="loops in loops",
        ),
        pytest.param(
            'resource "aws_instance" "i" { instance_type = ' + "(" * 200 + "1" + ")" * 200 + " }",
            id="brackets",
        ),
    ],
)
def test_what_grows_without_end_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str) -> None:
    started = time.process_time()
    found = judged(tmp_path, capsys, code)

    assert time.process_time() - started < LONGEST_SECONDS
    assert ("SF206", "aws_instance.i") in found or ("SF001", "") in found


def test_example_that_calls_the_module_at_the_root_is_judged_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examples" / "one").mkdir(parents=True)
    (tmp_path / "main.tf").write_text(
        """
        variable "gateways" {
          type    = map(object({ count = optional(number, 2) }))
          default = {}
        }
        variable "kept" {
          default  = true
          nullable = false
        }
        resource "aws_nat_gateway" "this" {
          for_each = { for name, one in var.gateways : name => one if one.count == 2 && var.kept }
        }
        """,
        encoding="utf-8",
    )
    (tmp_path / "examples" / "one" / "main.tf").write_text(
        """
        module "network" {
          source   = "../../"
          kept     = null
          gateways = { a = {}, b = { count = 1 } }
        }
        """,
        encoding="utf-8",
    )

    assert [one["resource"] for one in audited(tmp_path, capsys)["findings"]] == [
        'module.network.aws_nat_gateway.this["a"]'
    ]


def test_blanks_behind_the_end_of_a_long_text_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judged(tmp_path, capsys, 'locals {\n  a = <<EOF\nx\nEOF \n}\nresource "aws_nat_gateway" "n" {}\n')

    assert set(found) == {("SF301", "aws_nat_gateway.n")}


def test_modules_that_multiply_end_and_that_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for level in range(4):
        (tmp_path / f"m{level}").mkdir()
        (tmp_path / f"m{level}" / "main.tf").write_text(
            f'module "next" {{\n  source = "../m{level + 1}"\n  count = 90\n}}\n', encoding="utf-8"
        )
    (tmp_path / "m4").mkdir()
    (tmp_path / "m4" / "main.tf").write_text('resource "aws_instance" "i" {}\n', encoding="utf-8")
    started = time.process_time()

    report = audited(tmp_path, capsys)

    assert time.process_time() - started < LONGEST_SECONDS
    assert [one["message"] for one in report["findings"] if one["code"] == "SF003"] == [
        "A part was not judged: more is declared than is followed here: give the plan as JSON."
    ]


@pytest.mark.parametrize(
    ("provider", "findings"),
    [
        pytest.param('"FARGATE"', {("SF201", "certain")}, id="Fargate"),
        pytest.param("aws_ecs_capacity_provider.machines.name", {("SF101", "certain")}, id="machines"),
        pytest.param("var.provider", {("SF003", "certain"), ("SF201", "unknown")}, id="not known"),
    ],
)
def test_service_bills_for_its_tasks_only_where_they_run_on_fargate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], provider: str, findings: set[tuple[str, str]]
) -> None:
    found = judged(
        tmp_path,
        capsys,
        f"""
        variable "provider" {{}}
        resource "aws_ecs_capacity_provider" "machines" {{ name = "machines" }}
        resource "aws_ecs_service" "api" {{
          desired_count = 1
          capacity_provider_strategy {{ capacity_provider = {provider} }}
        }}
        """,
    )

    assert {(code, one["certainty"]) for (code, _), one in found.items()} == findings


def test_stack_of_cloudformation_in_terraform_is_told_as_a_part_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judged(
        tmp_path, capsys, 'resource "aws_cloudformation_stack" "s" { template_url = "https://x/y" }'
    )

    assert "is a stack of its own" in found["SF003", "aws_cloudformation_stack.s"]["message"]


def test_copy_refers_to_the_copy_with_its_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = judged(
        tmp_path,
        capsys,
        """
        resource "aws_launch_template" "t" {
          for_each      = { small = "t3.micro", large = "m5.large" }
          instance_type = each.value
        }
        resource "aws_autoscaling_group" "g" {
          for_each = toset(["small", "large"])
          min_size = 1
          launch_template { id = aws_launch_template.t[each.key].id }
        }
        """,
    )

    assert {
        resource: one["idle_usd_per_month"] for (code, resource), one in found.items() if code == "SF205"
    } == {'aws_autoscaling_group.g["small"]': 7.59, 'aws_autoscaling_group.g["large"]': 70.08}
