"""What is out of reach without the deployment: macros, nested stacks, units whose tier nobody can tell."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from generator.audit.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Repository, Rule
    from generator.audit.stack import Resource

__all__ = ["findings"]


def findings(repository: Repository, rule: Rule) -> Iterator[Found]:  # noqa: ARG001  it judges parts, not types
    """Yield each part that was not judged."""
    for source in repository.unjudged:
        yield Found(file=source.file, line=source.line, fields={"problem": source.problem})
    files = {stack.file for stack in repository.stacks}
    for stack in repository.stacks:
        for line, problem in stack.notes:
            yield Found(file=stack.file, line=line, fields={"problem": problem})
        for nested in stack.of_type("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
            if _template_of(nested) in files:
                continue
            problem = f"{nested.logical_id} is a stack of its own, and its template is not here"
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


def _template_of(nested: Resource) -> str:
    """Return the file of a nested stack's template, below the repository; nothing when it lies elsewhere."""
    for name in ("TemplateURL", "Location"):
        written = nested.properties.member(name)
        if written is not None and isinstance(written.data, str) and "://" not in written.data:
            return normpath(join(dirname(nested.file), written.data))
    return ""
