"""A message of a device in, domain, a verdict out.

MQTT, the rule and Lambda each may deliver a message twice, and Lambda tries one that failed twice more: `judge_once`
does its work once for each message that has an id. What is created here at import is created once per execution
environment; nothing else happens at import.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

{% include "templates/_partials/asynchronous/handler_imports.py" %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import DynamoDB
{% endif %}
from {{ package_name }}.event import Message, Reason, RejectedError
{% if aws_client == "lean" %}
{% include "templates/_partials/idempotency/lean/asynchronous_imports.py" %}
{% endif %}
from {{ package_name }}.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

{% include "templates/_partials/handler_setup.py" %}

{% include "templates/_partials/idempotency/" ~ aws_client ~ "/records.py" %}


{% include "templates/_partials/asynchronous/handle.py" %}


def _work(event: object, context: LambdaContext) -> object:
    message = Message.read(event)
    logger.set_correlation_id(message.trace_id or context.aws_request_id)
    measured = message.measured()
    if measured.message_id is None:
        return judge(topic=message.topic, celsius=measured.celsius)
    # Devices name their messages themselves, so the topic is part of the name: none can silence another.
    name = f"{message.topic} {measured.message_id}"
    return judge_once(name=name, topic=message.topic, celsius=measured.celsius)


{% with key = "name" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def judge_once(*, name: str, topic: str, celsius: float) -> str:
    """Judge a temperature once for each name of a message.

    Raises:
        RejectedError: No sensor measures such a temperature.
    """
    logger.append_keys(name=name)
    return judge(topic=topic, celsius=celsius)


def judge(*, topic: str, celsius: float) -> str:
    """Judge a temperature and return the verdict.

    Raises:
        RejectedError: No sensor measures such a temperature.
    """
    try:
        verdict = domain.judge(celsius)
    except domain.ImplausibleTemperatureError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("judged", topic=topic, celsius=celsius, verdict=verdict)
    return verdict
