"""What the audit says at the end of another command, about what that command made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.audit.formats import contract, text
from generator.errors import RenderError
from generator.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.audit.engine import Report

__all__ = ["Outcome", "of"]

AFTER_THE_CDK = (
    "No violation in what can be read now. Its templates are there once its CDK app has run: `make audit` "
    "runs it and judges them, with the idle bill."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An audit in a few lines.

    Attributes:
        verdict: Its result and the idle bill, in one sentence.
        violations: What breaks the policy, one line each.
        warnings: What does not and is worth a look, one line each.
        counts: The same in numbers, for programs.
    """

    verdict: str
    violations: tuple[str, ...]
    warnings: tuple[str, ...]
    counts: Mapping[str, object]

    @property
    def lines(self) -> tuple[str, ...]:
        """Return all of it, the verdict first."""
        return (self.verdict, *self.violations, *self.warnings)

    def refuse_own_fault(self) -> None:
        """Refuse what this program rendered by itself and what breaks the policy that it rendered it by.

        Raises:
            RenderError: There are violations.
        """
        if self.violations:
            found = "\n".join(f"  {violation}" for violation in self.violations)
            raise RenderError(
                f"{counted(len(self.violations), 'violation')} of the policy in what was rendered\n{found}",
                hint="this is a fault of the templates, not of the answers; report it with the answers file",
            )


def of(report: Report) -> Outcome:
    """Return a report in a few lines."""
    values = contract.as_values(report)
    violations, warnings = report.open_of("error"), report.open_of("warning")
    verdict = f"{text.verdict(report)} {text.bill(report)}"
    if (
        report.awaits_run
        and not report.judged
        and all(one.rule == "unjudged-part" for one in report.findings)
    ):
        verdict, warnings = AFTER_THE_CDK, []
    return Outcome(
        verdict=verdict,
        violations=tuple(text.line(finding) for finding in violations),
        warnings=tuple(text.line(finding) for finding in warnings),
        counts={"templates": values["templates"], **values["summary"]},
    )
