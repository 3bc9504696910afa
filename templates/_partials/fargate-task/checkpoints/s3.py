"""How far each run has come, in S3, so that a task that was killed is followed by one that goes on from there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from {{ package_name }}.domain import Tally

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

__all__ = ["Checkpoints", "Order", "OrderChangedError", "Progress"]

_TAKEN = {"ConditionalRequestConflict", "PreconditionFailed"}


{% include sample_folder ~ "/order.py" %}


class Checkpoints:
    """The checkpoints of every run, an object each; the bucket forgets them some days after they were last saved."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._seen: dict[str, str] = {}

    def load(self, order: Order) -> Progress:
        """Return how far a run has come: nowhere, when nothing was saved.

        Raises:
            OrderChangedError: The run was begun with another order.
        """
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=_key(order))
        except self._client.exceptions.NoSuchKey:
            return Progress()
        saved = json.loads(found["Body"].read())
        if saved["order"] != asdict(order):
            raise OrderChangedError(order)
        self._seen[order.run_id] = found["ETag"]
        return Progress(done=saved["done"], tally=Tally(**saved["tally"]))

    def save(self, order: Order, progress: Progress) -> None:
        """Keep how far a run has come, position and result in one object.

        A task that was given up may still be at work beside the one that took over. Both find the same results, so the
        checkpoint that is farther on stays and nobody needs to know who wrote it.
        """
        body = json.dumps({"order": asdict(order), "done": progress.done, "tally": asdict(progress.tally)})
        try:
            self._put(order, body)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _TAKEN:
                raise
            # Somebody saved since this task last looked.
            if self.load(order).done < progress.done:
                self._put(order, body)

    def _put(self, order: Order, body: str) -> None:
        seen = self._seen.get(order.run_id)
        if seen is None:
            saved = self._client.put_object(Bucket=self._bucket, Key=_key(order), Body=body, IfNoneMatch="*")
        else:
            saved = self._client.put_object(Bucket=self._bucket, Key=_key(order), Body=body, IfMatch=seen)
        self._seen[order.run_id] = saved["ETag"]


def _key(order: Order) -> str:
    return f"runs/{quote(order.run_id, safe='')}.json"
