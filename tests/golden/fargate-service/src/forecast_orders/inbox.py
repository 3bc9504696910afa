"""The queue: messages that are handed out, kept hidden while somebody works on them, and deleted when they are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

__all__ = ["Inbox", "Received"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message, as it was handed out.

    Attributes:
        receipt: Says which hand-out is meant; it is of no use once the message was handed out again.
        times: How often it was handed out, this time included.
    """

    message_id: str
    receipt: str
    body: str
    times: int


class Inbox:
    """One queue."""

    def __init__(self, client: SQSClient, url: str, hidden_seconds: int) -> None:
        self._client = client
        self._url = url
        self._hidden_seconds = hidden_seconds

    def receive(self, *, at_most: int, wait_seconds: int) -> list[Received]:
        """Return some messages as soon as there are any; none when there were none for as long as this waits."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=at_most,
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=self._hidden_seconds,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [
            Received(
                message_id=message["MessageId"],
                receipt=message["ReceiptHandle"],
                body=message["Body"],
                times=int(message["Attributes"]["ApproximateReceiveCount"]),
            )
            for message in answer.get("Messages", [])
        ]

    def keep_hidden(self, received: Received) -> None:
        """Keep a message hidden for as long again, from now on."""
        self.give_back(received, after_seconds=self._hidden_seconds)

    def give_back(self, received: Received, *, after_seconds: int = 0) -> None:
        """Let a message be handed out again, or go to the dead-letter queue when that was its last time."""
        self._client.change_message_visibility(
            QueueUrl=self._url,
            ReceiptHandle=received.receipt,
            VisibilityTimeout=after_seconds,
        )

    def delete(self, received: Received) -> None:
        """Forget a message that is done."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=received.receipt)
