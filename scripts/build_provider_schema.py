"""Make `tests/schemas/terraform-provider-aws.json`: the names of Terraform's AWS provider the audit uses.

The provider's schema is taken from the assembly of `cdktf-cdktf-provider-aws`, the file `.jsii` in its
archive, whose documentation links name each attribute. Give its path.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.audit.readers.terraform import dictionary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "tests" / "schemas" / "terraform-provider-aws.json"
_LINK = re.compile(
    r"providers/hashicorp/aws/(?P<release>[\d.]+)/docs/resources/\w+(?:#(?P<attribute>\w+) | )"
)
_TYPE = re.compile(r"docs/resources/\w+ (aws_\w+)\}")


def resources(types: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each resource type, and the name of what it is configured with."""
    for name, declared in types.items():
        found = _TYPE.search(json.dumps(declared.get("docs", {})))
        if found and declared["kind"] == "class" and f"{name}Config" in types:
            yield found[1], f"{name}Config"


def attributes(
    types: Mapping[str, Any], name: str, entered: frozenset[str], path: str = ""
) -> dict[str, Any]:
    """Return the attributes of a resource or a block, with what is in the blocks that are entered."""
    found: dict[str, Any] = {}
    for declared in types[name].get("properties", ()):
        link = _LINK.search(json.dumps(declared.get("docs", {})))
        if link and link["attribute"]:
            below = f"{path}{link['attribute']}"
            inner = _block(declared["type"]) if below in entered else ""
            found[link["attribute"]] = (
                attributes(types, inner, entered, f"{below}.") if inner in types else None
            )
    return dict(sorted(found.items()))


def _block(declared: Mapping[str, Any]) -> str:
    """Return the name of a nested block's type; empty for a plain attribute."""
    if "collection" in declared:
        return _block(declared["collection"]["elementtype"])
    inner = [_block(one) for one in declared["union"]["types"]] if "union" in declared else []
    return str(
        declared.get("fqn", next((one for one in inner if one.startswith("@cdktf/provider-aws.")), ""))
    )


def _entered(row: Mapping[str, Any]) -> frozenset[str]:
    """Return the blocks that a row of the audit's dictionary reads."""
    named = [
        *row.get("attributes", {}),
        *(one for part in row.get("also", ()) for one in part.get("attributes", {})),
    ]
    folders = {name[: place.start()] for name in named for place in re.finditer(r"\.", name)}
    return frozenset(folders | (set(named) if "members" in row else set()))


def main() -> None:
    """Read the assembly and write the names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assembly", type=Path, help="the file .jsii of the package")
    types = json.loads(parser.parse_args().assembly.read_text(encoding="utf-8"))["types"]
    configured = dict(resources(types))
    release = next(
        link["release"] for name in configured.values() if (link := _LINK.search(json.dumps(types[name])))
    )
    made = {
        "source": "hashicorp/terraform-provider-aws",
        "release": release,
        "types": sorted(configured),
        "attributes": {
            name: attributes(types, configured[name], _entered(row))
            for name, row in sorted(dictionary().items())
            if name in configured
        },
    }
    SCHEMA.write_text(json.dumps(made, indent=0, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
