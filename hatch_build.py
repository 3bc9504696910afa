"""Puts the bundle of all released templates into what is built; where git is missing, nothing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "releases.bundle"
PLACES = {"wheel": f"generator/_template/{BUNDLE}", "sdist": BUNDLE}


class ReleasesHook(BuildHookInterface):  # type: ignore[type-arg]  # it has no configuration of its own
    """Makes the bundle from a clone; from a source distribution it takes the one that lies there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the bundle to the files of a wheel or a source distribution."""
        if version == "editable":
            return  # a checkout reads its own history
        root = Path(self.root)
        sys.path.insert(0, self.root)
        try:
            from generator import __version__, releases
            from generator.errors import GitError
        finally:
            sys.path.remove(self.root)
        made = Path(tempfile.mkdtemp(prefix="new-service-build-")) / BUNDLE
        build_data.setdefault("force_include", {})
        if (root / BUNDLE).is_file() and not releases.is_clone(root):
            build_data["force_include"][str(root / BUNDLE)] = PLACES[self.target_name]
            return
        try:
            tags = releases.pack(root, __version__, made)
        except GitError as error:
            self.app.display_warning(f"no earlier templates are included: {error.message}")
            return
        self.app.display_info(f"templates of {', '.join(tags)}")
        build_data["force_include"][str(made)] = PLACES[self.target_name]

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatch calls it so
        """Remove the bundle that was made for this build."""
        for made in build_data.get("force_include", {}):
            if Path(made).parent.name.startswith("new-service-build-"):
                Path(made).unlink(missing_ok=True)
                Path(made).parent.rmdir()
