"""A start in, domain, a report out.

Scheduler may start a run twice, and Lambda tries a run that failed twice more: `publish` does its work once for each
time that was due. What is created here at import is created once per execution environment; nothing else happens.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

{% include "templates/_partials/asynchronous/handler_imports.py" %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import DynamoDB
{% endif %}
from {{ package_name }}.event import Reason, RejectedError, Start
{% if aws_client == "lean" %}
{% include "templates/_partials/idempotency/lean/asynchronous_imports.py" %}
{% endif %}
{% if overlapping_runs %}
from {{ package_name }}.lock import Lock
{% endif %}
from {{ package_name }}.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from aws_lambda_powertools.utilities.typing import LambdaContext

{% include "templates/_partials/handler_setup.py" %}

{% include "templates/_partials/idempotency/" ~ aws_client ~ "/records.py" %}
{% if overlapping_runs %}
lock = Lock(records.client, settings.idempotency_table)
{% endif %}


{% include "templates/_partials/asynchronous/handle.py" %}


{% if overlapping_runs %}
def _work(event: object, context: LambdaContext) -> object:
    start = Start.read(event)
    run = start.due.isoformat()
    logger.set_correlation_id(run)
    return publish(run=run, due=start.due, seconds=context.get_remaining_time_in_millis() // 1000 + 1)


{% with key = "run" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def publish(*, run: str, due: datetime, seconds: int) -> dict[str, object] | None:
    """Publish the tariff that holds when a run was due, once for each run; nothing while another run is at work.

    Raises:
        RejectedError: No tariff holds at that time.
    """
    with lock.hold(run, seconds) as is_alone:
        if is_alone:
            return _publish(run, due)
    # What this run would have done, the next that is alone does.
    logger.info("skipped", run=run)
    metrics.add_metric(name="Overlapped", unit=MetricUnit.Count, value=1)
    return None


def _publish(run: str, due: datetime) -> dict[str, object]:
{% else %}
def _work(event: object) -> object:
    start = Start.read(event)
    run = start.due.isoformat()
    logger.set_correlation_id(run)
    return publish(run=run, due=start.due)


{% with key = "run" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def publish(*, run: str, due: datetime) -> dict[str, object]:
    """Publish the tariff that holds when a run was due, once for each run.

    Raises:
        RejectedError: No tariff holds at that time.
    """
{% endif %}
    try:
        tariff = domain.in_force(due)
    except domain.NoTariffError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("published", run=run, base_cents=tariff.base_cents)
    return {"run": run, "base_cents": tariff.base_cents}
