"""`serverless.yml` of the Serverless Framework: its functions, and the resources of AWS beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.audit.stack import deploy as deploy_template
from generator.audit.values import Value, text

if TYPE_CHECKING:
    from generator.audit.stack import Stack

__all__ = ["deploy", "knows", "looks"]

_NAME = re.compile(r"(^|/)serverless\.(ya?ml|json)$")
_FUNCTION = {"memorySize": "MemorySize", "runtime": "Runtime", "snapStart": "SnapStart"}


def looks(name: str, content: bytes) -> bool:
    """Tell whether a file has the name that the framework looks for."""
    return _NAME.search(name) is not None and b"provider" in content


def knows(name: str, document: Value) -> bool:
    """Tell whether a document deploys to AWS."""
    provider = document.member("provider")
    if _NAME.search(name) is None or provider is None:
        return False
    named = provider.member("name") or provider
    return text(named.data) == "aws" if isinstance(named.data, str) else False


def deploy(document: Value, file: str, parameters: Mapping[str, str], region: str) -> Stack:
    """Return the functions, with their versions where these bill, and the declared resources.

    Args:
        document: With its variables filled in.
        file: Where it is.
        parameters: Template parameters by name.
        region: Taken where a template asks for its region.
    """
    provider = document.member("provider") or Value({})
    functions = document.member("functions") or Value({})
    resources: dict[str, Value] = {}
    for holder in (document.member("resources") or Value({})).items():
        declared = holder.member("Resources")
        if declared is not None and isinstance(declared.data, Mapping):
            resources |= declared.data
    for item in functions.items():
        if isinstance(item.data, Mapping):
            for name, function in item.data.items():
                resources |= _function(name, function, provider)
    template = Value({"Resources": Value(resources, document.line)})
    return deploy_template(template, file, parameters, region)


def _function(name: str, function: Value, provider: Value) -> dict[str, Value]:
    logical_id = (
        "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]", name)) + "LambdaFunction"
    )
    properties: dict[str, Value] = {}
    for key, property_name in _FUNCTION.items():
        member = function.member(key) or provider.member(key)
        if member is not None and member.data is not False:
            is_flag = key == "snapStart" and member.data is True
            properties[property_name] = (
                Value({"ApplyOn": Value("PublishedVersions", member.line)}) if is_flag else member
            )
    architecture = function.member("architecture") or provider.member("architecture")
    if architecture is not None:
        properties["Architectures"] = Value([architecture], architecture.line)
    made = {logical_id: _resource("AWS::Lambda::Function", properties, function.line)}
    provisioned = function.member("provisionedConcurrency")
    named = Value({"Ref": Value(logical_id)}, function.line)
    if provisioned is not None:
        amount = provisioned.member("executions") or provisioned
        config = Value({"ProvisionedConcurrentExecutions": amount}, provisioned.line)
        members = {"FunctionName": named, "ProvisionedConcurrencyConfig": config}
        made[f"{logical_id}Alias"] = _resource("AWS::Lambda::Alias", members, provisioned.line)
    if "SnapStart" in properties:
        made[f"{logical_id}Version"] = _resource(
            "AWS::Lambda::Version", {"FunctionName": named}, function.line
        )
    return made


def _resource(kind: str, properties: Mapping[str, Value], line: int) -> Value:
    return Value({"Type": Value(kind, line), "Properties": Value(properties, line)}, line)
