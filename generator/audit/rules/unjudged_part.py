"""What is out of reach without the deployment: macros, nested stacks, units whose tier nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges parts, not types
    """Yield each part that was not judged."""
    for stack in repository.stacks:
        for line, problem in stack.notes:
            yield Found(file=stack.file, line=line, fields={"problem": problem})
        for nested in stack.of_type("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
            problem = f"{nested.logical_id} is a stack of its own, whose template is read where it stands"
            yield Found(file=nested.file, line=nested.line, resource=nested, fields={"problem": problem})
    for unit in repository.units:
        if unit.tier == "unknown":
            problem = f"nobody can tell the tier of {unit.resource.logical_id}: {unit.why}"
            yield Found(
                file=unit.resource.file,
                line=unit.resource.line,
                resource=unit.resource,
                fields={"problem": problem},
            )
