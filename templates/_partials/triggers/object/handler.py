"""An object in, domain, what it adds up to.

What raises here is tried again by Lambda, twice, and then goes to the dead-letter queue with its event and its error.
S3 may tell of an object twice: `add_up` does its work once for each version of each key. What is created here at
import is created once per execution environment; nothing else happens at import.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

{% include "templates/_partials/asynchronous/handler_imports.py" %}

from {{ package_name }} import domain
{% if aws_client == "lean" %}
from {{ package_name }}.aws import S3, DynamoDB
{% endif %}
from {{ package_name }}.event import ObjectCreated, Reason, RejectedError
{% if aws_client == "lean" %}
{% include "templates/_partials/idempotency/lean/asynchronous_imports.py" %}
{% endif %}
from {{ package_name }}.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
{% if aws_client == "lean" %}

    from {{ package_name }}.aws import StreamingBody
{% else %}
    from botocore.response import StreamingBody
{% endif %}

{% include "templates/_partials/handler_setup.py" %}

{% include "templates/_partials/idempotency/" ~ aws_client ~ "/records.py" %}
s3 = {{ {"boto3": 'boto3.client("s3", config=_patience)', "lean": "S3(os.environ)"}[aws_client] }}

CHUNK_BYTES = 1024 * 1024


{% include "templates/_partials/asynchronous/handle.py" %}


def _work(event: object) -> object:
    created = ObjectCreated.read(event)
    logger.append_keys(object=created.identity)
    return add_up(identity=created.identity, created=created)


{% with key = "identity" %}
{% include "templates/_partials/idempotency/" ~ aws_client ~ "/once.py" %}
{% endwith %}
def add_up(*, identity: str, created: ObjectCreated) -> dict[str, int]:
    """Add up one delivery, once for each version of its object.

    Raises:
        RejectedError: A line of it is no parcel.
    """
    try:
        with closing(_open(created)) as body:
            delivery = domain.add_up(body.iter_chunks(CHUNK_BYTES), settings.max_line_bytes)
    except domain.BadLineError as error:
        raise RejectedError(Reason.IMPLAUSIBLE, str(error)) from error
    # Here your service would do what must not happen twice.
    logger.info("added up", identity=identity, bytes=created.detail.object.size, **asdict(delivery))
    return asdict(delivery)


def _open(created: ObjectCreated) -> StreamingBody:
    stored = created.detail.object
    if stored.version_id is None:
        return s3.get_object(Bucket=created.detail.bucket.name, Key=stored.key)["Body"]
    return s3.get_object(Bucket=created.detail.bucket.name, Key=stored.key, VersionId=stored.version_id)["Body"]
