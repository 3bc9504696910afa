"""Judges what a repository declares: every rule, then the recorded exceptions, then the sum of what idles."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from importlib import import_module
from typing import TYPE_CHECKING

from generator.audit.billing import shown
from generator.audit.catalogue import load_rules
from generator.audit.effective import effective
from generator.audit.findings import Finding, Found, Repository
from generator.audit.idle import Idle, idle_of
from generator.audit.justifications import FILE
from generator.audit.units import Unit, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from generator.audit.findings import Declared, Rule
    from generator.audit.justifications import Justification
    from generator.audit.stack import Resource, Stack
    from generator.prices import Prices

__all__ = ["IdleLine", "Report", "judge"]

_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleLine:
    """One line of the idle bill.

    Attributes:
        usd_per_month: `None` when nobody knows whether or how much it bills; `why` says why.
    """

    file: str
    line: int
    resource: str
    type: str
    usd_per_month: float | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the audit says about one repository.

    Attributes:
        findings: Errors first, then by file and line.
        idle: What bills while idle, the dearest first; the unknown ones last.
        judged: How many templates were read.
        awaits_run: Whether what was not judged comes about once programs of the repository have run.
        judged_on: The day that expiry was judged on.
    """

    findings: tuple[Finding, ...]
    units: tuple[Unit, ...]
    idle: tuple[IdleLine, ...]
    rules: Mapping[str, Rule]
    judged: int
    awaits_run: bool
    judged_on: date
    prices_as_of: date
    region: str

    @property
    def idle_usd_per_month(self) -> float:
        """The sum of the idle bill, without what nobody knows."""
        return round(sum(line.usd_per_month or 0.0 for line in self.idle), 2)

    def open_of(self, *severities: str) -> list[Finding]:
        """Return the violations of these severities that nothing excuses."""
        return [finding for finding in self.findings if finding.counts and finding.severity in severities]


def judge(declared: Declared, prices: Prices) -> Report:
    """Judge what a repository declares.

    Args:
        declared: Its templates and records.
        prices: With the idle conditions of every resource type.
    """
    repository = _with_idle(declared, prices)
    rules = load_rules()
    found = [_excused(finding, repository.justifications) for finding in _findings(repository, rules)]
    found += _unused(found, repository, rules["doubtful-justification"])
    return Report(
        findings=tuple(sorted(found, key=_place)),
        units=repository.units,
        idle=tuple(sorted(_bill(repository), key=_dearest)),
        rules=rules,
        judged=len(repository.stacks),
        awaits_run=bool(declared.unjudged) and all(problem.awaits_run for problem in declared.unjudged),
        judged_on=repository.today,
        prices_as_of=prices.as_of,
        region=prices.region,
    )


def _with_idle(declared: Declared, prices: Prices) -> Repository:
    stacks = tuple(effective(stack) for stack in declared.stacks)
    found: list[Unit] = []
    idle: dict[tuple[str, str], Idle] = {}
    for stack in stacks:
        of_stack = tuple(units(stack))
        found += of_stack
        tiers = {unit.resource.logical_id: unit for unit in of_stack}
        for resource in stack.resources.values():
            idle[resource.file, resource.logical_id] = _idle(
                resource, stack, prices, tiers.get(resource.logical_id)
            )
    own = {field.name: getattr(declared, field.name) for field in fields(declared)} | {"stacks": stacks}
    return Repository(units=tuple(found), idle=idle, **own)


def _idle(resource: Resource, stack: Stack, prices: Prices, unit: Unit | None) -> Idle:
    if unit is not None and unit.tier == "ec2" and resource.type.startswith("AWS::ECS::"):
        # Its tasks run on machines, which bill themselves.
        return Idle(bills=False)
    if resource.type == "AWS::ApplicationAutoScaling::ScalableTarget":
        # What it scales bills, not the target: the scaled resource carries its minimum.
        return Idle(bills=False)
    idle = idle_of(resource, stack, prices)
    if idle.bills and unit is not None and unit.tier == "unknown":
        return Idle(
            bills=None, usd_per_month=None, why_unknown=unit.why, cause=idle.cause, certainty="unknown"
        )
    return idle


def _findings(repository: Repository, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    for rule in (one for one in rules.values() if one.scope == "repository"):
        module = import_module(f"generator.audit.rules.{rule.name.replace('-', '_')}")
        for found in module.findings(repository, rule):
            yield _finding(rule, found)


def _finding(rule: Rule, found: Found) -> Finding:
    resource, cause, idle = found.resource, found.cause, found.idle
    unknown = found.certainty == "unknown" and idle is not None
    message = rule.message.format_map(found.fields)
    if unknown and idle is not None:
        message = f"Nobody can tell whether {found.fields['resource']} bills while idle: {idle.why_unknown}."
    origins = cause.value.origins if cause is not None and cause.value is not None else ()
    how = "; ".join(dict.fromkeys(origin.text for origin in origins))
    value = shown(cause)
    return Finding(
        rule=rule.name,
        code=rule.code,
        severity=rule.severity,
        file=found.file,
        line=found.line,
        resource=resource.logical_id if resource else "",
        type=resource.type if resource else "",
        property_path=cause.path if cause else "",
        value=f"{value} ({how})" if how else value,
        message=message,
        remedy=rule.remedy,
        idle_usd_per_month=(idle.usd_per_month if idle.bills is not None else None) if idle else 0.0,
        certainty=found.certainty,
    )


def _excused(finding: Finding, justifications: Sequence[Justification]) -> Finding:
    entry = next(
        (
            one
            for one in justifications
            if finding.resource and one.excuses(finding.code, finding.file, finding.resource)
        ),
        None,
    )
    return replace(finding, justification=entry.id) if entry else finding


def _unused(findings: Sequence[Finding], repository: Repository, rule: Rule) -> list[Finding]:
    if any(problem.awaits_run for problem in repository.unjudged):
        # What it excuses may come about with that run.
        return []
    used = {finding.justification for finding in findings}
    return [
        _finding(
            rule,
            Found(
                file=FILE,
                line=entry.line,
                fields={"id": entry.id, "problem": "excuses nothing that is found"},
            ),
        )
        for entry in repository.justifications
        if entry.id not in used
    ]


def _bill(repository: Repository) -> Iterator[IdleLine]:
    for stack in repository.stacks:
        for resource in stack.resources.values():
            idle = repository.idle[resource.file, resource.logical_id]
            if idle.bills is False:
                continue
            yield IdleLine(
                file=resource.file,
                line=resource.line,
                resource=resource.logical_id,
                type=resource.type,
                usd_per_month=idle.usd_per_month if idle.bills else None,
                why=idle.why_unknown,
            )


def _dearest(line: IdleLine) -> tuple[bool, float, str, int]:
    return (line.usd_per_month is None, -(line.usd_per_month or 0.0), line.file, line.line)


def _place(finding: Finding) -> tuple[int, str, int, str, str]:
    return (_ORDER[finding.severity], finding.file, finding.line, finding.code, finding.resource)
