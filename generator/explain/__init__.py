"""Turn a decision into words and plain values: for a terminal, Markdown, programs, a repository's record.

Texts of limits, warnings and conflicts come from the policy; here they are only put in order.
"""

from __future__ import annotations

from generator.explain.contract import SCHEMA_VERSION, as_json
from generator.explain.prose import markdown, text
from generator.explain.record import record, sentence

__all__ = ["SCHEMA_VERSION", "as_json", "markdown", "record", "sentence", "text"]
