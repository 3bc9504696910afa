"""Make `docs/rules.md`, the rules of the audit for readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audit.catalogue import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.audit.findings import Rule

__all__ = ["rules_page"]

_HEAD = """# The rules of the audit

Generated from `generator/audit/rules.toml` by `make generate`; how a rule is seen stands in the module of its
name below `generator/audit/rules/`.

An **error** is a violation: the exit code is 1. A **warning** is one with `--strict`. A **note** never is.
What cannot be resolved is *unknown*: listed apart, never counted as compliant or as $0, and a violation with
`--require-judged`. A justification in `.new-service/justifications.toml` excuses what it names until it
expires; `new-service justify` writes one.

| code | rule | severity | what is wrong |
|---|---|---|---|
"""


def rules_page() -> str:
    """Return the page: a table of all rules, then each with its remedy and the types that it judges."""
    rules = load_rules().values()
    rows = "".join(
        f"| {rule.code} | [`{rule.name}`](#{rule.name}) | {rule.severity} | {rule.title} |\n"
        for rule in rules
    )
    return _HEAD + rows + "".join(line for rule in rules for line in _section(rule))


def _section(rule: Rule) -> Iterator[str]:
    yield f"\n## {rule.name}\n\n{rule.code}, {rule.severity}. {rule.title}.\n\n"
    yield f"What to do: {rule.remedy}\n"
    if rule.types:
        yield f"\nJudged: {', '.join(f'`{kind}`' for kind in rule.types)}.\n"
