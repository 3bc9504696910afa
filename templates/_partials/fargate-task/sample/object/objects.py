"""What arrived in the bucket, read a piece at a time, so that an object may be larger than memory and disk."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from {{ package_name }}.checkpoints import Order

__all__ = ["Objects"]

_CUT_OFF = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
_TRIES = 5


class Objects:
    """The objects of the bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, order: Order, positions: range) -> bytes:
        """Return some bytes of the version that a run is of.

        The SDK asks again where S3 does not answer, but not where the answer is cut off: over hours one is.
        """
        for _ in range(_TRIES - 1):
            with contextlib.suppress(*_CUT_OFF):
                return self._read(order, positions)
        return self._read(order, positions)

    def _read(self, order: Order, positions: range) -> bytes:
        found = self._client.get_object(
            Bucket=self._bucket,
            Key=order.key,
            VersionId=order.run_id,
            Range=f"bytes={positions.start}-{positions.stop - 1}",
        )
        return found["Body"].read()
