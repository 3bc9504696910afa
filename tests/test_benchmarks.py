"""The README shows what was measured last."""

from __future__ import annotations

from toolbox import REPOSITORY


def test_readme_shows_the_last_results() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    results = (REPOSITORY / "benchmarks" / "results.md").read_text(encoding="utf-8")

    assert f"<!-- benchmarks:begin -->\n{results}<!-- benchmarks:end -->\n" in readme


def test_no_goal_is_missed_in_the_published_results() -> None:
    results = (REPOSITORY / "benchmarks" / "results.md").read_text(encoding="utf-8")

    assert results.count("| met |") == 6
    assert "missed" not in results
