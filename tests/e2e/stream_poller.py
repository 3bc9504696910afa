"""Hands a table's changes to a function as Lambda's mapping does, with the settings of the real mapping.

The emulator's own mapping reads no answer of the function: what it names as failed is lost. This one follows
what AWS documents: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from e2e import probe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deployment import Deployment

__all__ = ["StreamPoller", "number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPoller:
    """What takes changes off the stream of a deployed service, once its own mapping is switched off."""

    deployment: Deployment
    mapping: Mapping[str, Any]

    @classmethod
    def instead_of_the_mapping(cls, deployment: Deployment) -> StreamPoller:
        """Switch the emulator's mapping off; install the probe that writes letters with its role."""
        functions, function = deployment.account.client("lambda"), deployment.function()
        [mapping] = functions.list_event_source_mappings(FunctionName=function["FunctionName"])[
            "EventSourceMappings"
        ]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        probe.install(functions, function["Role"], function["Runtime"])
        return cls(deployment=deployment, mapping=mapping)

    def records(self) -> list[dict[str, Any]]:
        """Return every record that the stream holds, oldest first."""
        streams, arn = self.deployment.account.client("dynamodbstreams"), self.mapping["EventSourceArn"]
        found: list[dict[str, Any]] = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            start = {"ShardId": shard["ShardId"], "ShardIteratorType": self.mapping["StartingPosition"]}
            iterator = streams.get_shard_iterator(StreamArn=arn, **start)["ShardIterator"]
            found += streams.get_records(ShardIterator=iterator)["Records"]
        return found

    def work_off(self, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Hand records over until each is done or given up, and return the sequence numbers of the latter."""
        given_up, size, tries = [], self.mapping["BatchSize"], 0
        while records:
            batch = records[:size]
            done = self.done_of(batch)
            records = records[done:]
            if done == len(batch):
                size, tries = self.mapping["BatchSize"], 0
            elif done:
                tries = 1
            elif tries < self.mapping["MaximumRetryAttempts"]:
                size, tries = (
                    max(1, len(batch) // 2) if self.mapping["BisectBatchOnFunctionError"] else size,
                    tries + 1,
                )
            else:
                given_up += [number(record) for record in batch]
                self._write_letter(batch)
                records, size, tries = records[len(batch) :], self.mapping["BatchSize"], 0
        return given_up

    def done_of(self, batch: Sequence[Mapping[str, Any]]) -> int:
        """Hand one batch to the function and return how many records, from the first on, are done."""
        functions, function = (
            self.deployment.account.client("lambda"),
            self.deployment.function()["FunctionName"],
        )
        payload = json.dumps({"Records": batch}, default=lambda moment: moment.timestamp())
        answer = json.load(functions.invoke(FunctionName=function, Payload=payload)["Payload"])
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        numbers = [number(record) for record in batch]
        return min((numbers.index(one) if one else 0 for one in failed), default=len(batch))

    def _write_letter(self, batch: Sequence[Mapping[str, Any]]) -> None:
        target = self.mapping["DestinationConfig"]["OnFailure"]["Destination"]
        url = self.deployment.account.client("sqs").get_queue_url(QueueName=target.rpartition(":")[2])[
            "QueueUrl"
        ]
        places = {"startSequenceNumber": number(batch[0]), "endSequenceNumber": number(batch[-1])}
        letter = {"QueueUrl": url, "MessageBody": json.dumps({"DDBStreamBatchInfo": places})}
        sent = probe.attempt(self.deployment.account.client("lambda"), "sqs", "send_message", **letter)
        assert sent["outcome"] == "allowed", sent


def number(record: Mapping[str, Any]) -> str:
    """Return a record's place in its shard."""
    return str(record["dynamodb"]["SequenceNumber"])
