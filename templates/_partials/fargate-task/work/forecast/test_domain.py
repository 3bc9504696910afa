"""What a forecast earns, without AWS."""

from __future__ import annotations

import pytest

from {{ package_name }} import domain
from {{ package_name }}.domain import Parcel, Tally, Zone


{% include "templates/_partials/forecast/test_parcels.py" %}
