"""A function that tries what a deployed function's role may do.

The service itself calls no AWS API, so its rights are tried from a second function with the same role. The
file is both sides: `install` and `attempt` run in the test, `handler` in the emulator.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

__all__ = ["attempt", "handler", "install"]

NAME = "probe"


def handler(event: dict[str, Any], _: object) -> dict[str, str]:
    """Call one AWS API as the function's role; return its error code, and the Python that runs here."""
    import boto3
    from botocore.exceptions import ClientError

    outcome = "allowed"
    try:
        getattr(boto3.client(event["service"]), event["operation"])(**event["parameters"])
    except ClientError as error:
        outcome = error.response["Error"]["Code"]
    return {"outcome": outcome, "python": f"python{sys.version_info.major}.{sys.version_info.minor}"}


def install(functions: Any, role: str, runtime: str) -> None:
    """Create the probe with a role and a runtime."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(Path(__file__), "probe.py")
    functions.create_function(
        FunctionName=NAME,
        Runtime=runtime,
        Role=role,
        Handler="probe.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=30,
        MemorySize=256,
    )


def attempt(functions: Any, service: str, operation: str, **parameters: Any) -> dict[str, str]:
    """Let the probe call an API, and return what `handler` returned."""
    event = {"service": service, "operation": operation, "parameters": parameters}
    answer = functions.invoke(FunctionName=NAME, Payload=json.dumps(event))
    result: dict[str, str] = json.load(answer["Payload"])
    return result
