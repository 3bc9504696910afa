"""Names and texts of a new repository: what is refused, what is taken, what is filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from generator import project
from generator.errors import AnswersError

ROOT = Path(__file__).parent.parent


def problems_of(**raw: object) -> dict[str, str]:
    """Return what is wrong, by key, when everything else is right."""
    with pytest.raises(AnswersError) as caught:
        project.parse({"project_name": "orders-api", "owner": "@acme/orders", **raw})
    return {problem.key: str(problem) for problem in caught.value.problems}


HOSTILE_NAMES = {
    "parent folder": "../orders",
    "absolute path": "/etc/orders",
    "line break": "orders\nevil: true",
    "trailing line break is trimmed, inner one is not": "a\nb",
    "double quote": 'orders"',
    "single quote": "orders'",
    "jinja expression": "{{ 7 * 7 }}",
    "jinja statement": "{% raw %}",
    "yaml mapping": "a: b # c",
    "yaml null": "~",
    "yaml tag": "!!python/object",
    "shell substitution": "$(reboot)",
    "shell backtick": "`reboot`",
    "shell separator": "a;b",
    "option": "-rf",
    "windows device": "con",
    "windows device with number": "lpt1",
    "windows path": "a\\b",
    "trailing dot": "orders.",
    "ten thousand characters": "a" * 10_000,
    "one too long": "a" * 41,
    "right to left override": "orders\u202egnp",
    "right to left letters": "\u05d0\u05d1",
    "combining characters": "orde\u0301rs",
    "zero width space": "orders\u200bapi",
    "control character": "orders\x1b[31m",
    "null byte": "orders\x00",
    "full width letters": "\uff4frders",
    "dotless i": "\u0131nvoices",
    "upper case": "Orders",
    "underscore": "orders_api",
    "leading digit": "1orders",
    "double hyphen": "orders--api",
    "trailing hyphen": "orders-",
    "keyword": "import",
    "standard library": "email",
    "standard library with underscore": "concurrent",
    "standard library of a later Python": "annotationlib",
    "dependency": "msgspec",
    "dependency written with hyphens": "aws-lambda-powertools",
    "own folder": "tests",
    "empty": "",
    "blank": "   ",
}


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES.keys())
def test_hostile_project_name_is_refused_with_what_is_allowed(name: str) -> None:
    problems = problems_of(project_name=name)

    assert list(problems) == ["project_name"]
    assert "at most 40 characters" in problems["project_name"]
    assert problems["project_name"].isprintable()
    assert len(problems["project_name"]) < 300


@pytest.mark.parametrize("name", ["a", "orders-api", "v2-orders", "a" * 40, "x-1-2"])
def test_plain_project_name_is_taken(name: str) -> None:
    answers = project.parse({"project_name": name, "owner": "@acme"})

    assert answers.project_name == name
    assert answers.package_name == name.replace("-", "_")


@pytest.mark.parametrize(
    "package", ["tests", "boto3", "class", "json", "Orders", "a-b", "_a", "a__b", "\uff41", "a.b", "../a"]
)
def test_package_name_that_would_break_imports_is_refused(package: str) -> None:
    assert list(problems_of(package_name=package)) == ["package_name"]


@pytest.mark.parametrize(
    "text",
    [
        "line\nbreak",
        "carriage\rreturn",
        "tab\there",
        "\u202eright to left",
        "zero\u200bwidth",
        "\u0301combining first",
        "x" * 201,
        "",
        "line\u2028separator",
        "bell\x07",
        "delete\x7f",
        "lone surrogate \ud800",
    ],
    ids=ascii,
)
def test_description_with_invisible_characters_or_of_wrong_length_is_refused(text: str) -> None:
    assert list(problems_of(description=text)) == ["description"]


@pytest.mark.parametrize(
    "text",
    [
        'Say "hi"',
        "it's",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "a: b # c",
        "$(reboot) `x`",
        "שלום עולם",
        "e\u0301clair",
        "🦄 & <b>",
        "\\n",
    ],
)
def test_description_may_be_any_printable_line(text: str) -> None:
    answers = project.parse({"project_name": "orders", "owner": "@acme", "description": text})

    assert answers.description in {text, "éclair"}


def test_combining_characters_are_composed_where_they_can_be() -> None:
    answers = project.parse({"project_name": "orders", "owner": "@acme", "description": "cafe\u0301"})

    assert answers.description == "caf\u00e9"


@pytest.mark.parametrize("owner", ["@acme", "acme", "acme/orders", "@acme/platform/orders"])
def test_owner_is_written_as_code_owners_write_it(owner: str) -> None:
    answers = project.parse({"project_name": "orders", "owner": owner})

    assert answers.owner == "@" + owner.removeprefix("@")


@pytest.mark.parametrize(
    "owner", ["@", "a b", "@acme/", "acme\n*", "@acme #", "a@b.example", "@-a", "@" + "a" * 40, ""]
)
def test_owner_that_code_owners_cannot_name_is_refused(owner: str) -> None:
    assert list(problems_of(owner=owner)) == ["owner"]


@pytest.mark.parametrize(
    "region", ["us-east-1", "eu-west-3", "us-gov-west-1", "ap-southeast-7", "eusc-de-east-1"]
)
def test_region_is_taken_by_its_shape(region: str) -> None:
    answers = project.parse({"project_name": "orders", "owner": "@acme", "aws_region": region})

    assert answers.aws_region == region


@pytest.mark.parametrize(
    "region", ["us-east", "useast1", "US-EAST-1", "us-east-1a", "us-east-0", "us-east-1\n"[:-1] + ";x"]
)
def test_text_that_is_no_region_is_refused(region: str) -> None:
    assert list(problems_of(aws_region=region)) == ["aws_region"]


def test_all_problems_are_reported_at_once_in_the_order_of_the_questions() -> None:
    problems = problems_of(ci="jenkins", python_version="2.7", project_name="No", license=["mit"], iac=False)

    assert list(problems) == ["project_name", "license", "python_version", "iac", "ci"]
    assert (
        problems["python_version"]
        == "python_version = 2.7: is not one of the choices (allowed: 3.12, 3.13, 3.14)"
    )


def test_a_number_is_taken_for_the_python_version_as_toml_and_json_give_it() -> None:
    answers = project.parse({"project_name": "orders", "owner": "@acme", "python_version": 3.12})

    assert answers.python_version == "3.12"


def test_the_folder_names_the_project_when_no_answer_does() -> None:
    answers = project.parse({"owner": "@acme"}, default_name="orders-api")

    assert (answers.project_name, answers.package_name) == ("orders-api", "orders_api")


def test_a_folder_that_cannot_name_a_project_is_named_in_the_message() -> None:
    with pytest.raises(AnswersError) as caught:
        project.parse({"owner": "@acme"}, default_name="My Orders")

    assert [problem.key for problem in caught.value.problems] == ["project_name"]
    assert "not answered, and `My Orders` is more than a-z" in caught.value.message


def test_everything_that_is_missing_is_listed_together() -> None:
    with pytest.raises(AnswersError) as caught:
        project.parse({})

    assert [problem.key for problem in caught.value.problems] == ["project_name", "owner"]


def test_defaults_stand_in_for_a_missing_owner_only_on_request() -> None:
    answers = project.parse({}, default_name="orders", take_defaults=True)

    assert answers.owner == "@example/team"


def test_null_is_no_answer() -> None:
    answers = project.parse({"project_name": "orders", "owner": "@acme", "ci": None, "description": None})

    assert (answers.ci, answers.description) == ("github", "A serverless backend service.")


def test_answers_survive_a_round_trip() -> None:
    answers = project.parse(
        {"project_name": "orders", "owner": "acme", "python_version": "3.14", "ci": "none"}
    )

    assert project.parse(answers.answers()) == answers


def test_questions_agree_with_the_template() -> None:
    template = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))

    for question in project.QUESTIONS:
        asked = template[question.name]
        choices = asked.get("choices", [])
        assert tuple(choices.values() if isinstance(choices, dict) else choices) == question.choices
        if "{{" not in str(asked.get("default", "{{")):
            assert asked["default"] == question.default


def test_names_of_rendered_dependencies_are_reserved() -> None:
    template = (ROOT / "templates" / "lambda" / "pyproject.toml.jinja").read_text(encoding="utf-8")
    required = re.findall(r'^    "([A-Za-z0-9-]+)(?:\[.*\])?[<>=]', template, re.MULTILINE)

    free = [name for name in required if project.problem_with("project_name", name) is None]

    assert "msgspec" in required
    assert not free
