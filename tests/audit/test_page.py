"""The page in a real browser: nothing is loaded, nothing is cut off, findings unfold.

A browser is no part of the tools that CI installs; where there is none, this is skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import REPOSITORY

from generator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# The page itself has no script; a copy gets one that writes down what the browser made of it.
PROBE = """
<script>
addEventListener("load", () => {
  const all = [...document.querySelectorAll("details")];
  const heights = all.map(one => one.getBoundingClientRect().height);
  const before = all.map(one => one.open);
  all.forEach(one => { one.open = true; });
  document.body.dataset.seen = JSON.stringify({
    tooWide: document.documentElement.scrollWidth > innerWidth,
    open: before, heights, unfolded: all.map(one => one.getBoundingClientRect().height),
    loaded: performance.getEntriesByType("resource").map(one => one.name),
    bars: [...document.querySelectorAll(".bar i")].map(one => one.getBoundingClientRect().width),
    marked: [...document.querySelectorAll("pre .here")].map(one => one.textContent),
    title: document.title,
  });
});
</script>
"""


@pytest.mark.parametrize("width", [1200, 400])
def test_page_is_whole_in_a_browser(tmp_path: Path, width: int) -> None:
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome is installed")
    page = tmp_path / "page.html"
    main(
        [
            "audit",
            str(REPOSITORY / "examples" / "always-on.template.yaml"),
            "--format",
            "html",
            "-o",
            str(page),
        ]
    )

    seen = looked_at(page, width, tmp_path)

    assert (seen["tooWide"], seen["loaded"]) == (False, [])
    assert seen["title"].startswith("Serverless-first audit")
    assert any(seen["open"])
    assert all(after > 0 for after in seen["unfolded"])
    closed = [number for number, is_open in enumerate(seen["open"]) if not is_open]
    assert all(seen["unfolded"][number] > seen["heights"][number] for number in closed)
    assert any(width > 0 for width in seen["bars"])
    assert any("MinCapacity: !Ref MinimumTasks" in line for line in seen["marked"])


def test_name_that_is_a_script_runs_nothing(tmp_path: Path) -> None:
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome is installed")
    template, page = tmp_path / "template.yaml", tmp_path / "page.html"
    name = "<script>document.title = 'taken'</script>"
    template.write_text(f'Resources:\n  "{name}": {{Type: AWS::EC2::NatGateway}}\n', encoding="utf-8")
    main(["audit", str(template), "--format", "html", "-o", str(page)])

    assert looked_at(page, 800, tmp_path)["title"].startswith("Serverless-first audit")


def looked_at(page: Path, width: int, folder: Path) -> dict[str, Any]:
    """Return what a browser of a width sees on a page."""
    copy = page.with_name("probed.html")
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    done = subprocess.run(
        [
            *[str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"],
            *[f"--window-size={width},900", f"--user-data-dir={folder / 'profile'}", copy.as_uri()],
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, done.stdout[-2000:]
    seen: dict[str, Any] = json.loads(found[1].replace("&quot;", '"').replace("&amp;", "&"))
    return seen
