"""Whether the task lives and whether it takes calls, by gRPC's own health service.

The load balancer asks about no service by name and reads the status of the call alone, so a task that is not ready
answers that question by UNAVAILABLE, which every client of the health service takes for bad health. Asked by name, it
answers as the service is specified: NOT_SERVING.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health, health_pb2

from forecast_calls.protocol import forecasts_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

__all__ = ["ALIVE", "READY", "Health"]

READY = forecasts_pb2.DESCRIPTOR.services_by_name["Forecasts"].full_name
# The process answers, ready or not.
ALIVE = "alive"


class Health(health.aio.HealthServicer):
    """Ready until it ends, alive until the process does."""

    def __init__(self) -> None:
        super().__init__()
        self._is_ending = False

    async def begin(self) -> None:
        """Say that the task is ready."""
        for service in (READY, ALIVE):
            await self.set(service, health_pb2.HealthCheckResponse.SERVING)

    async def end(self) -> None:
        """Say that the task is not ready any more; it is alive as long as it answers."""
        self._is_ending = True
        for service in ("", READY):
            await self.set(service, health_pb2.HealthCheckResponse.NOT_SERVING)

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Context) -> health_pb2.HealthCheckResponse:
        """Answer one question about the health."""
        if not request.service and self._is_ending:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the task ends")
        return await super().Check(request, context)
