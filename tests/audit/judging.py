"""Judges templates as text, without files."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from generator import prices
from generator.audit import documents, engine, justifications, stack
from generator.audit.findings import Declared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.audit.engine import Report

__all__ = ["TODAY", "judge_text", "stack_of"]

TODAY = date(2026, 11, 25)


def stack_of(text: str, parameters: Mapping[str, str] | None = None) -> stack.Stack:
    """Return what a template would make."""
    [document], _ = documents.read(text)
    return stack.deploy(document, "template.yaml", parameters or {}, "us-east-1")


def judge_text(text: str, parameters: Mapping[str, str] | None = None, *, recorded: str = "") -> Report:
    """Judge one template, with the recorded exceptions of its repository."""
    entries, problems = justifications.parse(recorded, file=justifications.FILE, today=TODAY)
    declared = Declared(
        stacks=(stack_of(text, parameters),),
        justifications=entries,
        justification_problems=problems,
        today=TODAY,
    )
    return engine.judge(declared, prices.load())
