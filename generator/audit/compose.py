"""Compose files run containers on one machine and declare nothing of AWS: there is advice, and no finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.audit.values import Value

__all__ = ["NAMES", "advice"]

NAMES = frozenset({"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"})


def advice(document: Value) -> str:
    """Return what to do about the services of a compose file; nothing when it has none."""
    services = document.member("services")
    if services is None or not isinstance(services.data, Mapping) or not services.data:
        return ""
    return (
        f"it runs {', '.join(services.data)} on one machine and declares nothing of AWS; "
        "`new-service decide` says on which tier each would run"
    )
