"""A job in, domain, done.

Nobody waits for the answer. Lambda may start a job twice, and tries one that failed twice more: `price` does its work
once for each job. What is created here at import is created once per execution environment; nothing else happens.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

{% include "templates/_partials/asynchronous/handler_imports.py" %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import DynamoDB
{% endif %}
from {{ package_name }}.event import Job, Reason, RejectedError
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
    job = Job.read(event)
    logger.set_correlation_id(job.job_id)
    return price(job_id=job.job_id, job=job)


{% with key = "job_id" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def price(*, job_id: str, job: Job) -> dict[str, object]:
    """Make a price list, once for each job.

    Raises:
        RejectedError: One of the parcels is not carried.
    """
    try:
        quotes = [domain.quote(job.zone, weight) for weight in job.weights_grams]
    except domain.NotCarriedError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    total = sum(quote.price_cents for quote in quotes)
    logger.info("priced", job_id=job_id, parcels=len(quotes), total_cents=total)
    return {"job_id": job_id, "parcels": len(quotes), "total_cents": total}
