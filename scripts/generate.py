"""Make what is written down twice from the one place that knows it: questions and references from the policy.

Run `python -m scripts.generate` after the policy changes; `--check` only shows which files are stale, as a
diff. A new generated file is a new row of `GENERATED`.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator import policy
from scripts.fact_questions import with_fact_questions
from scripts.policy_page import policy_page
from scripts.readme_page import cli_page, with_output
from scripts.rules_page import rules_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.policy_model import Policy

ROOT = Path(__file__).resolve().parent.parent

# File -> how its new text is made from the policy and its old text, which is empty when there is no file.
GENERATED: Mapping[Path, Callable[[Policy, str], str]] = {
    Path("copier.yml"): with_fact_questions,
    Path("docs/policy.md"): lambda rules, _: policy_page(rules),
    Path("docs/rules.md"): lambda _, __: rules_page(),
    Path("docs/cli.md"): lambda _, __: cli_page(),
    Path("README.md"): lambda rules, old: with_output(old, rules),
}


def main(
    arguments: list[str] | None = None, generated: Mapping[Path, Callable[[Policy, str], str]] = GENERATED
) -> int:
    """Write the generated files that are stale, or with `--check` show them; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder the files are in")
    options = parser.parse_args(arguments)
    rules = policy.load()
    stale = 0
    for path, make in generated.items():
        file = options.root / path
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        new = make(rules, old)
        if new == old:
            continue
        stale += 1
        if options.check:
            sys.stdout.writelines(_diff(path, old, new))
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(new, encoding="utf-8")
            print(f"wrote {path}")
    if stale and options.check:
        print(f"{stale} generated files are stale: run `make generate`", file=sys.stderr)
    return 1 if stale and options.check else 0


def _diff(path: Path, old: str, new: str) -> list[str]:
    return list(
        difflib.unified_diff(
            old.splitlines(keepends=True),
            new.splitlines(keepends=True),
            f"{path} as it is",
            f"{path} as the policy says",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
