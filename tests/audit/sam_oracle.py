"""What AWS's own SAM translator makes of templates: JSON in, JSON out, in an environment that has it.

Called with `globals` it merges the section Globals alone, with `transform` it makes CloudFormation.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from samtranslator.plugins.globals.globals_plugin import GlobalsPlugin
from samtranslator.translator.transform import transform


class _NoPolicies:
    """Stands for the account's managed policies, which no template here names by anything but its ARN."""

    def load(self) -> dict[str, str]:
        return {}


def _packaged(template: dict[str, Any]) -> dict[str, Any]:
    """Return a template with every local file uploaded, as `sam package` does."""
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in ("CodeUri", "ContentUri", "DefinitionUri"):
            if isinstance(properties.get(name), str):
                properties[name] = "s3://bucket/key"
    return template


def main() -> None:
    made = []
    for template in json.load(sys.stdin):
        if sys.argv[1] == "globals":
            GlobalsPlugin().on_before_transform_template(template)
            made.append(template)
        else:
            made.append(transform(_packaged(template), {}, _NoPolicies()))
    json.dump(made, sys.stdout)


main()
