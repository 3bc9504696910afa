"""The stack that the tests here are about: the one that STACK_NAME names, else they are skipped."""

from __future__ import annotations

import os

import boto3
import pytest

STACK_NAME = os.environ.get("STACK_NAME", "")
REGION = os.environ.get("AWS_REGION", "us-east-1")


@pytest.fixture(scope="session")
def region() -> str:
    """The region that the stack is deployed to."""
    return REGION


@pytest.fixture(scope="session")
def outputs() -> dict[str, str]:
    """The stack's outputs."""
    if not STACK_NAME:
        pytest.skip("STACK_NAME names no deployed stack: run `make deploy`")
    [stack] = boto3.client("cloudformation", region_name=REGION).describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
