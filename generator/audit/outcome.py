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
    return Outcome(
        verdict=f"{text.verdict(report)} {text.bill(report)}",
        violations=tuple(text.line(finding) for finding in report.open_of("error")),
        warnings=tuple(text.line(finding) for finding in report.open_of("warning")),
        counts={"templates": values["templates"], **values["summary"]},
    )
