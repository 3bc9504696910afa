"""HTTP in, domain, HTTP out: what the service answers, as an ASGI application.

One event loop takes all requests. What computes or blocks goes to a thread, of which there are as many as the task may
work on at once; what comes beyond waits, and `limits.py` refuses what would wait for too long.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from list_desk import domain
from list_desk.limits import correlation_id_of
from list_desk.problems import InvalidField, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

__all__ = ["Desk", "make_app"]

logger = logging.getLogger(__name__)


class QuoteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /quotes`."""

    zone: domain.Zone
    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


_quote_request = msgspec.json.Decoder(QuoteRequest)
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Desk:
    """What the process keeps in memory, and whether it may be asked.

    Memory ends with the task: when the service sleeps, is deployed, or loses its machine. What has to survive that
    belongs into a table.

    Attributes:
        tariffs: What zones charge and carry; nothing before it was read.
        is_draining: Whether the task was told to stop.
    """

    tariffs: Mapping[domain.Zone, domain.Tariff] = field(default_factory=dict)
    is_draining: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether requests may come: what they need is in memory, and the task goes on."""
        return bool(self.tariffs) and not self.is_draining

    async def load(self) -> None:
        """Read what stays in memory; meanwhile the task is alive and not ready."""
        # Here your service would read what is too large, or too slow, to read for each request.
        self.tariffs = await asyncio.to_thread(lambda: dict(domain.TARIFFS))
        logger.info("ready")


def make_app(desk: Desk) -> Starlette:
    """Return the application.

    Args:
        desk: What it keeps in memory.
    """
    app = Starlette(
        routes=[
            Route("/quotes", _create_quote, methods=["POST"]),
            Route("/zones/{zone}", _get_zone, methods=["GET"]),
            # Whether the process lives, for whoever looks into the task.
            Route("/alive", _tell_alive, methods=["GET"]),
            # Whether requests may come: asked by the load balancer before it sends any.
            Route("/ready", _tell_ready, methods=["GET"]),
        ],
        exception_handlers={Problem: _refuse, HTTPException: _refuse_route, Exception: _fail},
    )
    app.state.desk = desk
    return app


async def _create_quote(request: Request) -> Response:
    """`POST /quotes`: what it costs to send a parcel."""
    wanted = await _read(request)
    try:
        quote = await asyncio.to_thread(domain.quote, wanted.zone, wanted.weight_grams)
    except domain.NotCarriedError as error:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The parcel is not carried.",
            errors=(InvalidField(detail=str(error), pointer="#/weight_grams"),),
        ) from error
    return Response(_encode(quote), media_type="application/json")


async def _get_zone(request: Request) -> Response:
    """`GET /zones/{zone}`: what a zone charges and carries."""
    desk: Desk = request.app.state.desk
    tariff = desk.tariffs.get(request.path_params["zone"])
    if tariff is None:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no such zone.")
    return Response(_encode(tariff), media_type="application/json")


async def _tell_alive(_: Request) -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _tell_ready(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    return Response(status_code=HTTPStatus.OK if desk.is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def _read(request: Request) -> QuoteRequest:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON as application/json.")
    body = await request.body()
    try:
        return _quote_request.decode(body)
    except msgspec.ValidationError as error:
        field = InvalidField.from_message(str(error))
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The body does not fit.", errors=(field,)) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from error


async def _refuse(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101  Starlette calls it for nothing else
    fields = {"status": int(problem.status), "detail": problem.detail}
    logger.info("refused", extra={"fields": {**fields, "correlation_id": correlation_id_of(request.scope)}})
    body = problem.body(correlation_id_of(request.scope))
    return Response(body, problem.status, dict(problem.headers), problem.content_type)


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette calls it for nothing else
    allowed = (error.headers or {}).get("Allow", "")
    detail = f"Use {allowed.replace(', ', ' or ')}." if allowed else "There is nothing at this path."
    headers = {"allow": allowed} if allowed else {}
    return await _refuse(request, Problem(HTTPStatus(error.status_code), detail, headers=headers))


async def _fail(request: Request, _: Exception) -> Response:
    # limits.py logs it; Starlette raises it again once this is sent.
    return await _refuse(request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, ""))
