"""The image has what the sources need."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENT = re.compile(r"boto3\.(?:client|resource)\(\s*[\"']([a-z0-9-]+)")


def test_every_service_that_the_sources_call_is_kept_in_the_image() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    called = {name for source in sources for name in CLIENT.findall(source)}
    kept = set(re.findall(r"! -name (\S+)", dockerfile))

    assert called, "nothing calls AWS any more: the image needs no SDK"
    assert called <= kept, f"add `! -name` for {', '.join(sorted(called - kept))} to Dockerfile"
