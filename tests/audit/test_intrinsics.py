"""Intrinsic functions are resolved as far as a template goes; what is not known says why."""

from __future__ import annotations

import textwrap

import pytest

from audit.judging import stack_of
from generator.audit.values import Reference, Unknown, Value

HEAD = """
Parameters:
  Size: {Type: Number, Default: 3}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
  Open: {Type: String}
  Environment: {Type: String, Default: dev}
Mappings:
  Sizes:
    dev: {Count: 1, Same: 7}
    prod: {Count: 4, Same: 7}
Conditions:
  IsProduction: !Equals [!Ref Environment, prod]
  IsOpen: !Equals [!Ref Open, x]
  Either: !Or [!Condition IsProduction, !Not [!Condition IsProduction]]
  NeverBoth: !And [!Condition IsProduction, !Condition IsOpen]
  Circle: !Not [!Condition Circle]
Resources:
  Other: {Type: "AWS::SNS::Topic"}
  Judged:
    Type: AWS::Test::Thing
    Properties:
"""


def resolved(written: str, **parameters: str) -> Value:
    text = HEAD + textwrap.indent(f"Value: {written}", " " * 6)
    value = stack_of(text, parameters).resources["Judged"].properties.member("Value")
    assert value is not None
    return value


def plain(value: Value) -> object:
    if isinstance(value.data, dict):
        return {name: plain(inner) for name, inner in value.data.items()}
    return [plain(inner) for inner in value.data] if isinstance(value.data, list) else value.data


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("!Ref Size", "3"),
        ("!Ref Zones", ["a", "b"]),
        ("!Sub 'x-${Size}-${!Literal}'", "x-3-${Literal}"),
        ("!Sub ['${a}${b}', {a: 1, b: !Ref Size}]", "13"),
        ("!Join ['-', [a, !Ref Size]]", "a-3"),
        ("!Select [1, !Ref Zones]", "b"),
        ("!Select ['0', !Split [':', 'p:q']]", "p"),
        ("!If [IsProduction, 9, !Ref Size]", "3"),
        ("!If [Either, yes-it-is, no-it-is-not]", "yes-it-is"),
        ("!If [NeverBoth, 1, 2]", 2),
        ("!FindInMap [Sizes, !Ref Environment, Count]", 1),
        ("!FindInMap [Sizes, !Ref Open, Same]", 7),
        ("!FindInMap [Sizes, staging, Count, {DefaultValue: 5}]", 5),
        ("!Length [a, b, c]", 3),
        ("{Fn::Sub: plain}", "plain"),
        ("2026-11-25", "2026-11-25"),
        ("010", "010"),
        ("1:30", "1:30"),
        ("[a, !Ref 'AWS::NoValue', b]", ["a", "b"]),
        ("{Kept: 1, Gone: !Ref 'AWS::NoValue'}", {"Kept": 1}),
        ("{Condition: {StringEquals: x}}", {"Condition": {"StringEquals": "x"}}),
        ("{Ref: {not: a name}}", {"Ref": {"not": "a name"}}),
    ],
)
def test_known_values_are_resolved(written: str, wanted: object) -> None:
    assert plain(resolved(written)) == wanted


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("!Ref Open", "parameter Open has no default"),
        ("!If [IsOpen, 1, 2]", "condition IsOpen is not known: parameter Open has no default"),
        ("!If [Missing, 1, 2]", "condition Missing is not known: the template has no condition Missing"),
        ("!If [Circle, 1, 2]", "condition Circle is not known: condition Circle depends on itself"),
        ("!FindInMap [Sizes, !Ref Open, Count]", "its key in the mapping is known at deployment"),
        ("!FindInMap [Nowhere, a, b]", "its key in the mapping is known at deployment"),
        ("!ImportValue shared", "Fn::ImportValue is computed at deployment"),
        ("!GetAZs ''", "Fn::GetAZs is computed at deployment"),
        ("'{{resolve:ssm:/size}}'", "it is read from a parameter store or secret at deployment"),
        ("!Sub '${Other.TopicName}-x'", "${Other.TopicName}-x is completed at deployment"),
        ("!Select [5, !Ref Zones]", "Fn::Select is computed at deployment"),
        ("!Ref AWS::AccountId", "AWS::AccountId is known at deployment"),
    ],
)
def test_unknown_values_say_why(written: str, reason: str) -> None:
    value = resolved(written)

    assert isinstance(value.data, Unknown)
    assert value.data.reason == reason


def test_both_branches_alike_need_no_condition() -> None:
    assert resolved("!If [IsOpen, 2, 2]").data == 2


def test_another_resource_stays_a_reference() -> None:
    assert resolved("!Ref Other").data == Reference("Other")
    assert resolved("!GetAtt Other.TopicArn").data == Reference("Other", "TopicArn")
    assert resolved("!GetAtt Other.A.B").data == Reference("Other", "A.B")


def test_a_given_parameter_wins_and_is_certain() -> None:
    value = resolved("!Ref Size", Size="8")

    assert value.data == "8"
    assert [origin.kind for origin in value.origins] == ["given"]


def test_a_value_tells_how_it_was_found() -> None:
    value = resolved("!If [IsProduction, 1, !FindInMap [Sizes, !Ref Environment, Count]]")

    assert [origin.text for origin in value.origins] == [
        "parameter Environment, default dev",
        "condition IsProduction is false",
        "parameter Environment, default dev",
        "mapping Sizes.dev.Count",
    ]


def test_a_loop_is_unrolled() -> None:
    stack = stack_of(
        """
        Transform: AWS::LanguageExtensions
        Parameters:
          Names: {Type: CommaDelimitedList, Default: "alpha,beta"}
        Resources:
          Fn::ForEach::Queues:
            - Name
            - !Ref Names
            - Queue${Name}:
                Type: AWS::SQS::Queue
                Properties:
                  QueueName: !Sub x-${Name}
                  Tag: !Ref Name
        """
    )

    assert {name: plain(one.properties) for name, one in stack.resources.items()} == {
        "Queuealpha": {"QueueName": "x-alpha", "Tag": "alpha"},
        "Queuebeta": {"QueueName": "x-beta", "Tag": "beta"},
    }


@pytest.mark.parametrize(("environment", "made"), [("prod", True), ("dev", False)])
def test_a_resource_is_there_when_its_condition_holds(environment: str, *, made: bool) -> None:
    text = HEAD.replace("Other: {Type", "Other: {Condition: IsProduction, Type") + "      Value: 1"

    assert ("Other" in stack_of(text, {"Environment": environment}).resources) is made


def test_a_resource_whose_condition_is_not_known_may_be_there() -> None:
    text = HEAD.replace("Other: {Type", "Other: {Condition: IsOpen, Type") + "      Value: 1"

    assert stack_of(text).resources["Other"].may_be_absent == (
        "condition IsOpen is not known: parameter Open has no default"
    )
