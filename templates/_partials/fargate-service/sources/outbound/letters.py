"""What could not be worked on, in an SQS queue, for a person to look at."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

__all__ = ["Letters"]

# With every character escaped it is still within what SQS takes.
LONGEST = 40_000


class Letters:
    """The dead-letter queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def write(self, text: str, reason: str) -> None:
        """Put a message aside. SQS drops one that another task has put aside within five minutes."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({"reason": reason, "text": text[:LONGEST]}),
            MessageGroupId="letters",
            MessageDeduplicationId=hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(),
        )
