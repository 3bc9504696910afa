"""Task protection: while it is held, neither scale-in nor a deployment stops this task.

ECS offers it at an address inside the task. Where there is none, as on a machine of your own, nothing stops a task
for these reasons, and there is nothing to hold.
"""

from __future__ import annotations

import http.client
import json
import logging
from urllib.parse import urlsplit

__all__ = ["Protection"]

_PATH = "/task-protection/v1/state"
_TIMEOUT_SECONDS = 5
_LONGEST_MINUTES = 2_880

logger = logging.getLogger(__name__)


class Protection:
    """The protection of the task that this runs in."""

    def __init__(self, agent_uri: str, *, at_most_seconds: int) -> None:
        """Prepare to ask for protection.

        Args:
            agent_uri: What ECS puts into `ECS_AGENT_URI`; empty where nobody offers protection.
            at_most_seconds: After how long it ends by itself, should this task hang: then ECS may stop it again.
        """
        self._agent = urlsplit(agent_uri)
        self._minutes = min(_LONGEST_MINUTES, -(-at_most_seconds // 60))

    def hold(self) -> bool:
        """Ask for protection, and tell whether work may begin: not on a task that ECS is about to stop."""
        return self._set({"ProtectionEnabled": True, "ExpiresInMinutes": self._minutes})

    def let_go(self) -> None:
        """End protection; if that fails it ends by itself."""
        self._set({"ProtectionEnabled": False})

    def _set(self, wanted: dict[str, object]) -> bool:
        if not self._agent.hostname:
            return True
        try:
            status, answer = self._put(json.dumps(wanted))
        except (OSError, http.client.HTTPException, ValueError) as error:
            status, answer = 0, {"error": str(error)}
        if status == http.HTTPStatus.OK and not answer.keys() & {"error", "failure"}:
            return True
        logger.warning("no protection", extra={"fields": {"status": status, "detail": answer, "wanted": wanted}})
        return False

    def _put(self, body: str) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection(
            self._agent.hostname or "", self._agent.port or 80, timeout=_TIMEOUT_SECONDS
        )
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("PUT", f"{self._agent.path}{_PATH}", body, headers)
            answer = connection.getresponse()
            return answer.status, dict(json.loads(answer.read()))
        finally:
            connection.close()
