"""The HTTP API on the CDK: deployed by its own command line to the local AWS emulator, used, and destroyed.

IAM is not enforced here, because the emulator then refuses the CDK its own bucket; test_lambda_http has the
same stack with IAM enforced, deployed without the command line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from stacks import run_in
from toolbox import tool

from e2e import http_api
from e2e.emulator import REGION, emulator
from e2e.state import leftovers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

STACK = "shipping-quotes-dev"


@pytest.mark.parametrize("service", ["cdk"], indirect=True, scope="session")
def test_stack_is_deployed_answers_and_leaves_nothing(service: Path, tmp_path: Path) -> None:
    with emulator(tool("ministack"), tmp_path / "log.txt", enforces_iam=False) as account:

        def cdk(*arguments: str) -> None:
            # The version that `make deploy` runs.
            [pinned] = re.findall(r"npx --yes (\S+)", (service / "Makefile").read_text(encoding="utf-8"))
            programs = service / ".venv" / "bin"
            run_in(service, programs, "npx", "--yes", pinned, *arguments, **account.environment)

        cdk("bootstrap", f"aws://{account.environment['AWS_ACCESS_KEY_ID']}/{REGION}")
        before = leftovers(account)

        cdk("deploy", STACK, "--require-approval", "never")
        parcel = {"zone": "domestic", "weight_grams": 1200}
        answered = http_api.request(account, "POST", "/quotes", body=parcel)
        refused = http_api.request(account, "DELETE", "/quotes")
        deployed = leftovers(account)
        cdk("destroy", STACK, "--force")

        assert (answered.status, answered.json()["price_cents"]) == (200, 510)
        assert refused.status == 405
        assert deployed["functions"] == [f"{STACK}-http"]
        assert leftovers(account) == before
