"""What a machine costs hangs on its instance type, wherever it is written; without one nobody can tell."""

from __future__ import annotations

import pytest

from audit.judging import stack_of
from generator import prices
from generator.audit.idle import idle_of

LAUNCH = """
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {InstanceType: m5.large}}
  Configuration:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties: {ImageId: ami-1, InstanceType: c5.large}
  Bare:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {ImageId: ami-1}}
"""
M5_LARGE, C5_LARGE = 0.096 * 730, 0.085 * 730
OVERRIDES = "Overrides: [{InstanceType: c5.large}]"
SPECIFICATION = "LaunchTemplateSpecification: {LaunchTemplateId: !Ref Template}"


@pytest.mark.parametrize(
    ("properties", "usd_per_month"),
    [
        ("MinSize: 1, LaunchTemplate: {LaunchTemplateId: !Ref Template}", M5_LARGE),
        ("MinSize: 1, LaunchConfigurationName: !Ref Configuration", C5_LARGE),
        (f"MinSize: 1, MixedInstancesPolicy: {{LaunchTemplate: {{{SPECIFICATION}}}}}", M5_LARGE),
        (f"MinSize: 1, MixedInstancesPolicy: {{LaunchTemplate: {{{SPECIFICATION}, {OVERRIDES}}}}}", C5_LARGE),
        ("MinSize: 0, DesiredCapacity: 2, LaunchConfigurationName: !Ref Configuration", 2 * C5_LARGE),
        ("MinSize: 1, DesiredCapacity: 4, LaunchConfigurationName: !Ref Configuration", C5_LARGE),
    ],
)
def test_group_costs_what_its_machines_cost(properties: str, usd_per_month: float) -> None:
    idle = _idle_of("AWS::AutoScaling::AutoScalingGroup", properties)

    assert idle == (True, pytest.approx(usd_per_month), "")


@pytest.mark.parametrize(
    ("kind", "properties", "why"),
    [
        (
            "AWS::AutoScaling::AutoScalingGroup",
            "MinSize: 1, InstanceId: i-1",
            "InstanceType is not written here",
        ),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            "MinSize: 1, LaunchTemplate: {LaunchTemplateId: !Ref Bare}",
            "InstanceType is not written here",
        ),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            "MinSize: 1, LaunchTemplate: {LaunchTemplateId: lt-1}",
            "LaunchTemplate.LaunchTemplateId names what this template does not make",
        ),
        ("AWS::EC2::Instance", "ImageId: ami-1", "InstanceType is not written here"),
        (
            "AWS::MSK::Cluster",
            "BrokerNodeGroupInfo: {InstanceType: kafka.m7g.large}",
            "no price is listed for BrokerNodeGroupInfo.InstanceType kafka.m7g.large",
        ),
    ],
)
def test_amount_is_unknown_where_the_type_is(kind: str, properties: str, why: str) -> None:
    bills, usd_per_month, reason = _idle_of(kind, properties)

    assert (bills, usd_per_month) == (True, None)
    assert reason.endswith(why)


def test_instance_may_take_its_type_from_a_launch_template() -> None:
    idle = _idle_of("AWS::EC2::Instance", "LaunchTemplate: {LaunchTemplateId: !Ref Template}")

    assert idle == (True, pytest.approx(M5_LARGE + 8 * 0.08), "")


@pytest.mark.parametrize(
    ("instance_type", "usd_per_hour"),
    [
        ("m5.large", 0.096),
        ("m5.4xlarge", 0.768),
        ("t2.nano", 0.0058),
        ("g5.2xlarge", 1.212),
        ("p3.8xlarge", 12.24),
    ],
)
def test_sizes_follow_their_family_but_those_with_gpus(instance_type: str, usd_per_hour: float) -> None:
    idle = _idle_of("AWS::EC2::Instance", f"InstanceType: {instance_type}")

    assert idle == (True, pytest.approx(usd_per_hour * 730 + 8 * 0.08), "")


def test_every_size_of_a_family_whose_prices_follow_none_is_listed() -> None:
    table = prices.load().hourly["price_ec2"]
    sizes = {"xlarge", *(f"{number}xlarge" for number in (2, 4, 8, 12, 16))}

    for family in ("g4dn", "g5", "g6"):
        assert sizes <= {name.partition(".")[2] for name in table if name.startswith(f"{family}.")}


def _idle_of(kind: str, properties: str) -> tuple[bool | None, float | None, str]:
    stack = stack_of(f"Resources:{LAUNCH}\n  It: {{Type: {kind}, Properties: {{{properties}}}}}\n")
    idle = idle_of(stack.resources["It"], stack, prices.load())
    return idle.bills, idle.usd_per_month, idle.why_unknown
