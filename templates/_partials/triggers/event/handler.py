"""An event in, domain, done.

EventBridge may deliver an event twice, and Lambda tries one that failed twice more: `bill` does its work once for
each event. What is created here at import is created once per execution environment; nothing else happens.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

{% include "templates/_partials/asynchronous/handler_imports.py" %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import DynamoDB
{% endif %}
from {{ package_name }}.event import Event, ParcelPosted, Reason, RejectedError
{% if aws_client == "lean" %}
{% include "templates/_partials/idempotency/lean/asynchronous_imports.py" %}
{% endif %}
from {{ package_name }}.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

{% include "templates/_partials/handler_setup.py" %}

{% include "templates/_partials/idempotency/" ~ aws_client ~ "/records.py" %}


{% include "templates/_partials/asynchronous/handle.py" %}


def _work(event: object) -> object:
    posted = Event.read(event)
    logger.set_correlation_id(posted.id)
    return bill(event_id=posted.id, parcel=posted.detail)


{% with key = "event_id" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def bill(*, event_id: str, parcel: ParcelPosted) -> dict[str, object]:
    """Bill a parcel, once for each event, and return what it costs.

    Raises:
        RejectedError: The parcel is not carried.
    """
    try:
        quote = domain.quote(parcel.zone, parcel.weight_grams)
    except domain.NotCarriedError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("billed", event_id=event_id, parcel_id=parcel.parcel_id, price_cents=quote.price_cents)
    return {"parcel_id": parcel.parcel_id, "price_cents": quote.price_cents}
