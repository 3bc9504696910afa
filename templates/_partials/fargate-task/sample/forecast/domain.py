"""What the service knows: what the tariff would earn on parcels that nobody has sent yet. No AWS, no environment.

Replace it by your own long work. It only has to come in numbered units that give the same result whenever they are
done, so that work that was cut off is simply done again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Parcel", "Tally", "Zone", "imagine", "price_cents", {% if event_source == "array" %}"share", {% endif %}"tally"]

{% include "templates/_partials/forecast/parcels.py" %}
{% if event_source == "array" %}


def share(parcels: int, item: int, items: int) -> range:
    """Return the numbers of the parcels that are an item's: each parcel is one item's, and the shares are alike."""
    return range(parcels * item // items, parcels * (item + 1) // items)
{% endif %}
