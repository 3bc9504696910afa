"""The example service, rendered, built and deployed unchanged to the local AWS emulator, and used over HTTP.

A pass means deployable and wired, as far as the emulator goes; it does not mean that AWS has accepted it.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from e2e import http_api, probe
from e2e.deployment import INFRASTRUCTURES, Deployment, deployed
from e2e.state import leftovers, log_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.parametrize("service", INFRASTRUCTURES, indirect=True, scope="session"),
]

PARCEL = {"zone": "domestic", "weight_grams": 1200}


def test_valid_request_is_answered(deployment: Deployment) -> None:
    response = http_api.request(deployment.account, "POST", "/quotes", body=PARCEL)

    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"zone": "domestic", "weight_grams": 1200, "price_cents": 510}


def test_path_parameter_reaches_the_handler(deployment: Deployment) -> None:
    response = http_api.request(deployment.account, "GET", "/zones/worldwide")

    assert response.status == 200
    assert response.json()["heaviest_grams"] == 20_000


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("POST", "/quotes", {"zone": "domestic", "weight_grams": "heavy"}, 422, id="wrong type"),
        pytest.param("POST", "/quotes", {"zone": "moon", "weight_grams": 1}, 422, id="unknown choice"),
        pytest.param("POST", "/quotes", b'{"zone":', 400, id="not JSON"),
        pytest.param("GET", "/zones/moon", None, 404, id="unknown zone"),
        pytest.param("GET", "/nothing/here", None, 404, id="unknown path"),
        pytest.param("DELETE", "/quotes", None, 405, id="wrong method"),
    ],
)
def test_refusal_is_a_problem_response(
    deployment: Deployment, method: str, path: str, body: object, status: int
) -> None:
    response = http_api.request(deployment.account, method, path, body=body)

    assert response.status == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["correlation_id"] == response.headers["x-correlation-id"]


def test_correlation_id_of_the_caller_comes_back_and_is_logged(deployment: Deployment) -> None:
    headers = {"x-correlation-id": "order-4711"}

    response = http_api.request(deployment.account, "POST", "/quotes", body=PARCEL, headers=headers)

    assert response.headers["x-correlation-id"] == "order-4711"
    (quoted,) = (
        line
        for line in log_lines(deployment.account, deployment.function())
        if line.get("correlation_id") == "order-4711"
    )
    assert quoted["message"] == "quoted"
    assert quoted["level"] == "INFO"
    assert quoted["price_cents"] == 510


def test_requests_are_counted_as_metrics_in_the_log(deployment: Deployment) -> None:
    http_api.request(deployment.account, "POST", "/quotes", body=PARCEL)

    assert any(
        "_aws" in line and line.get("Answered") == [1.0]
        for line in log_lines(deployment.account, deployment.function())
    )


def test_handler_runs_on_the_python_that_the_template_names(deployment: Deployment, role_probe: Any) -> None:
    runtime = deployment.function()["Runtime"]

    ran_on = probe.attempt(role_probe, "logs", "describe_log_groups")["python"]

    assert ran_on == runtime == "python3.13"


def test_role_may_write_the_functions_log(deployment: Deployment, role_probe: Any) -> None:
    assert write_log(deployment, role_probe, "allowed")["outcome"] == "allowed"


@pytest.mark.parametrize(
    ("api", "operation", "parameters"),
    [
        ("logs", "create_log_group", {"logGroupName": "/anywhere/else"}),
        ("logs", "create_log_stream", {"logGroupName": "/aws/lambda/probe", "logStreamName": "foreign"}),
        ("logs", "delete_log_group", {"logGroupName": "/aws/lambda/probe"}),
        ("dynamodb", "list_tables", {}),
        ("iam", "list_roles", {}),
        ("lambda", "list_functions", {}),
        ("s3", "list_buckets", {}),
        ("sqs", "list_queues", {}),
    ],
)
def test_role_may_do_nothing_else(
    role_probe: Any, api: str, operation: str, parameters: dict[str, str]
) -> None:
    outcome = probe.attempt(role_probe, api, operation, **parameters)["outcome"]

    assert outcome.startswith("AccessDenied")


def test_role_without_its_policy_may_not_even_write_the_log(deployment: Deployment, role_probe: Any) -> None:
    with policy_taken_away(deployment):
        denied = write_log(deployment, role_probe, "denied")["outcome"]

    assert denied.startswith("AccessDenied")
    assert write_log(deployment, role_probe, "allowed-again")["outcome"] == "allowed"


def test_deployment_changes_nothing_in_the_repository(deployment: Deployment) -> None:
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"],
        cwd=deployment.service,
        check=True,
        capture_output=True,
        text=True,
    )

    assert changed.stdout == ""


def test_deleting_a_used_stack_leaves_nothing(service: Path, tmp_path: Path) -> None:
    with deployed(service, tmp_path / "emulator.log") as deployment:
        http_api.request(deployment.account, "POST", "/quotes", body=PARCEL)
        assert leftovers(deployment.account) != {}

        deployment.delete()

        assert leftovers(deployment.account) == {}


@pytest.fixture(scope="module")
def role_probe(deployment: Deployment) -> Any:
    """The Lambda client, with a probe installed that runs with the service's role."""
    functions = deployment.account.client("lambda")
    deployed_function = deployment.function()
    probe.install(functions, deployed_function["Role"], deployed_function["Runtime"])
    return functions


def write_log(deployment: Deployment, functions: Any, stream: str) -> dict[str, str]:
    group = deployment.function()["LoggingConfig"]["LogGroup"]
    parameters = {"logGroupName": group, "logStreamName": stream}
    return probe.attempt(functions, "logs", "create_log_stream", **parameters)


@contextlib.contextmanager
def policy_taken_away(deployment: Deployment) -> Iterator[None]:
    """Remove the only policy of the function's role for a while."""
    identities = deployment.account.client("iam")
    role = deployment.function()["Role"].rsplit("/", 1)[-1]
    (name,) = identities.list_role_policies(RoleName=role)["PolicyNames"]
    document = identities.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    identities.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        yield
    finally:
        identities.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
