"""The questions about a new repository that do not touch the decision."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import names

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["QUESTIONS", "Question"]

DESCRIPTION_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about the project.

    Attributes:
        name: Key of the answer.
        prompt: What a person is asked.
        help: What the prompt does not say.
        allowed: What is accepted, in words for a message.
        choices: The accepted values when they are a closed set.
        default: The answer when none is given; empty when another answer makes it (see `defaults`).
        required: The default stands in for an answer only when defaults were asked for.
        expert: Asked on request only.
        event_source: The one event source that it concerns; empty when it concerns all.
        tier: The one tier that it concerns; empty when it concerns all.
        problem: Says what is wrong with a text that is not one of `choices`; empty when nothing is.
    """

    name: str
    prompt: str
    help: str
    allowed: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    expert: bool = False
    event_source: str = ""
    tier: str = ""
    problem: Callable[[str], str] = lambda _: ""


def _description_problem(text: str) -> str:
    if not text:
        return "is empty"
    if len(text) > DESCRIPTION_CHARACTERS:
        return f"has {len(text)} characters"
    if not text.isprintable():
        return "has a line break, control, direction or other invisible character"
    if unicodedata.combining(text[0]):
        return "begins with a combining character, which would join what stands before it"
    return ""


QUESTIONS: tuple[Question, ...] = (
    Question(
        name="project_name",
        prompt="What is the service called?",
        help="Names the repository, the CloudFormation stack and the resources.",
        allowed=f"lower-case words joined by hyphens, as orders-api; at most {names.LONGEST_NAME} characters",
        problem=names.project_name_problem,
    ),
    Question(
        name="package_name",
        prompt="What is its Python package called?",
        help="The import package below src/.",
        allowed=f"lower-case Python identifier, as orders_api; at most {names.LONGEST_NAME} characters",
        expert=True,
        problem=names.package_name_problem,
    ),
    Question(
        name="description",
        prompt="What does it do, in one line?",
        help="Stands in the README, in pyproject.toml and in the stack.",
        default="A serverless backend service.",
        allowed=f"one line of 1 to {DESCRIPTION_CHARACTERS} printable characters",
        problem=_description_problem,
    ),
    Question(
        name="owner",
        prompt="Who owns it?",
        help="A user or team of GitHub or GitLab; goes into CODEOWNERS.",
        default="@example/team",
        allowed="@user or @organisation/team",
        problem=names.owner_problem,
        required=True,
    ),
    Question(
        name="license",
        prompt="Under which licence?",
        help="proprietary means that all rights are reserved.",
        choices=("apache-2.0", "mit", "proprietary"),
        default="apache-2.0",
    ),
    Question(
        name="python_version",
        prompt="Which Python runs it?",
        help="The runtime's minor version; a service runs on one Python.",
        choices=("3.12", "3.13", "3.14"),
        default="3.13",
        expert=True,
    ),
    Question(
        name="aws_region",
        prompt="Which AWS region is deployed to first?",
        help="Each environment can have its own later; this is the default of the deploy command.",
        allowed="a region's code, as us-east-1",
        default="us-east-1",
        expert=True,
        problem=names.aws_region_problem,
    ),
    Question(
        name="iac",
        prompt="Which infrastructure language?",
        help="SAM is YAML, the CDK is Python; both end as the same resources. Fargate has the CDK alone.",
        choices=("sam", "cdk"),
        default="sam",
        expert=True,
    ),
    Question(
        name="ci",
        prompt="Which CI?",
        help="Workflows for checks and deployment are made for it.",
        choices=("github", "gitlab", "none"),
        default="github",
        expert=True,
    ),
    Question(
        name="aws_client",
        prompt="What calls AWS?",
        help="boto3, which everybody knows; or lean, a client of its own that starts in half the time.",
        choices=("boto3", "lean"),
        default="boto3",
        expert=True,
    ),
    Question(
        name="front",
        prompt="What takes the requests of an HTTP API?",
        help="A function URL costs nothing and throttles nothing; it suits one endpoint. For HTTP alone.",
        choices=("api", "function-url"),
        default="api",
        expert=True,
        event_source="http",
        tier="lambda",
    ),
    Question(
        name="authorisation",
        prompt="Who may call an HTTP API?",
        help="Everybody (none), whoever IAM allows, or who brings a token of an issuer (jwt). HTTP alone.",
        choices=("none", "iam", "jwt"),
        default="none",
        expert=True,
        event_source="http",
        tier="lambda",
    ),
    Question(
        name="cors_origins",
        prompt="Whose pages may call an HTTP API from a browser?",
        help="Origins joined by commas; nothing when no page of another origin calls it. For HTTP alone.",
        allowed="origins joined by commas, as https://app.example.com",
        expert=True,
        event_source="http",
        tier="lambda",
        problem=names.origins_problem,
    ),
    Question(
        name="stream_source",
        prompt="What is the stream?",
        help="A DynamoDB table's bills nothing while idle, one of Kinesis by the hour. For streams alone.",
        choices=("dynamodb", "kinesis"),
        default="dynamodb",
        expert=True,
        event_source="stream",
    ),
    Question(
        name="orchestration",
        prompt="What takes a run longer than 15 minutes from step to step?",
        help="A state machine that everybody can see, or code that Lambda replays. For divisible work alone.",
        choices=("step-functions", "durable-function"),
        default="step-functions",
        expert=True,
        event_source="workflow",
    ),
    Question(
        name="checkpoint",
        prompt="Where does a Fargate task keep how far it has come?",
        help="DynamoDB suits a position and some totals; S3 suits a state of megabytes. Both bill per use.",
        choices=("dynamodb", "s3"),
        default="dynamodb",
        expert=True,
        tier="fargate-task",
    ),
)
