"""HTTP in, domain, HTTP out.

API Gateway matches the route (`ROUTES` in infra/stack.py), `ROUTES` below says who answers it. What is created
here at import is created once per execution environment; nothing else happens at import.
"""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from shipping_quotes import domain
from shipping_quotes.event import CORRELATION_HEADER, Request
from shipping_quotes.problems import InvalidField, Problem
from shipping_quotes.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

SERVICE = "shipping-quotes"

settings = Settings.from_environment(os.environ)
logger = Logger(service=SERVICE, environment=settings.environment)
metrics = Metrics(namespace=SERVICE, service=SERVICE)
metrics.set_default_dimensions(environment=settings.environment)


class QuoteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /quotes`."""

    zone: domain.Zone
    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


type Answer = tuple[HTTPStatus, object]

_quote_request = msgspec.json.Decoder(QuoteRequest)
_encode = msgspec.json.Encoder().encode


def create_quote(request: Request) -> Answer:
    """`POST /quotes`: what it costs to send a parcel."""
    wanted = request.read_json(_quote_request, settings.max_body_bytes)
    try:
        quote = domain.quote(wanted.zone, wanted.weight_grams)
    except domain.NotCarriedError as error:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The parcel is not carried.",
            errors=(InvalidField(detail=str(error), pointer="#/weight_grams"),),
        ) from error
    logger.info("quoted", zone=quote.zone, weight_grams=quote.weight_grams, price_cents=quote.price_cents)
    return HTTPStatus.OK, quote


def get_zone(request: Request) -> Answer:
    """`GET /zones/{zone}`: what a zone charges and carries."""
    name = (request.path_parameters or {}).get("zone", "")
    try:
        zone = domain.Zone(name)
    except ValueError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no such zone.") from error
    return HTTPStatus.OK, domain.TARIFFS[zone]


ROUTES: Mapping[str, Callable[[Request], Answer]] = {
    "POST /quotes": create_quote,
    "GET /zones/{zone}": get_zone,
}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Answer one HTTP request; whatever goes wrong becomes a problem response, never a crash."""
    correlation_id = context.aws_request_id
    try:
        request = _read_event(event)
        correlation_id = request.correlation_id
        logger.set_correlation_id(correlation_id)
        status, answer = ROUTES.get(request.route_key, _refuse_route)(request)
        response = _response(status, _encode(answer), correlation_id)
        outcome = "Answered"
    except Problem as problem:
        fields = [error.pointer for error in problem.errors]
        logger.info("refused", status=problem.status, detail=problem.detail, fields=fields)
        response = _problem_response(problem, correlation_id)
        outcome = "Refused"
    except Exception:
        logger.exception("failed")
        response = _problem_response(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, ""), correlation_id)
        outcome = "Failed"
    metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)
    return response


def _response(
    status: HTTPStatus,
    body: bytes,
    correlation_id: str,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> dict[str, object]:
    return {
        "statusCode": int(status),
        "headers": {"content-type": content_type, CORRELATION_HEADER: correlation_id, **(headers or {})},
        "body": body.decode(),
    }


def _problem_response(problem: Problem, correlation_id: str) -> dict[str, object]:
    body = problem.body(correlation_id)
    return _response(problem.status, body, correlation_id, problem.content_type, problem.headers)


def _read_event(event: dict[str, object]) -> Request:
    try:
        return msgspec.convert(event, Request)
    except (msgspec.ValidationError, UnicodeError) as error:
        # Not from API Gateway: an invocation by hand or by another service.
        logger.exception("not an HTTP API event")
        raise Problem(HTTPStatus.BAD_REQUEST, "This is not an HTTP API event (payload format 2.0).") from error


def _refuse_route(request: Request) -> Answer:
    """Answer `$default`, where API Gateway sends what matches no route: 405 if the path exists, else 404."""
    allowed = sorted(key.split()[0] for key in ROUTES if _leads_to(key.split()[1], request.raw_path))
    if allowed:
        raise Problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"Use {' or '.join(allowed)}.",
            headers={"allow": ", ".join(allowed)},
        )
    raise Problem(HTTPStatus.NOT_FOUND, "There is nothing at this path.")


def _leads_to(route: str, path: str) -> bool:
    wanted, given = route.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        want == have or want.startswith("{") for want, have in zip(wanted, given, strict=True)
    )
