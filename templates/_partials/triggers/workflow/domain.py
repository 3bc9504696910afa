"""What the service knows: what the tariff would earn on parcels that nobody has sent yet. No AWS, no environment.

Replace it by your own long work. It only has to come in numbered units that give the same result whenever they are
done, so that a step that was cut off is simply done again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_CHUNKS", "Parcel", "Tally", "Zone", "imagine", "price_cents", "split", "tally"]

MAX_CHUNKS = 200
{% if orchestration == "durable-function" %}
"""Each is an operation of the run, which may have 3,000."""
{% else %}
"""Their list travels through the workflow's state, which holds 256 KiB."""
{% endif %}
{% include "templates/_partials/forecast/parcels.py" %}


def split(parcels: int, at_least: int) -> list[range]:
    """Cut a forecast into at most `MAX_CHUNKS` chunks, all but the last of the same size.

    Args:
        parcels: How many it has, at least 1.
        at_least: The smallest chunk that is worth a step of its own.
    """
    size = max(at_least, -(-parcels // MAX_CHUNKS))
    return [range(start, min(start + size, parcels)) for start in range(0, parcels, size)]
