"""Hands the records of a stream to a function as Lambda's mapping does, with the real mapping's settings.

The emulator's own mapping reads no answer of the function: what it names as failed is lost. This one follows
what AWS documents: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

import base64
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
    """What takes records off the stream of a deployed service, once its own mapping is switched off."""

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
        """Return every record that the stream holds, shard by shard, oldest first, as Lambda passes it on."""
        arn = self.mapping["EventSourceArn"]
        service, of = ("dynamodbstreams", "StreamArn") if _is_a_tables(arn) else ("kinesis", "StreamARN")
        streams = self.deployment.account.client(service)
        found: list[dict[str, Any]] = []
        for shard in streams.describe_stream(**{of: arn})["StreamDescription"]["Shards"]:
            start = {"ShardId": shard["ShardId"], "ShardIteratorType": self.mapping["StartingPosition"]}
            iterator = streams.get_shard_iterator(**{of: arn}, **start)["ShardIterator"]
            records = streams.get_records(ShardIterator=iterator)["Records"]
            found += records if _is_a_tables(arn) else [_passed_on(one, shard["ShardId"]) for one in records]
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
        about = "DDBStreamBatchInfo" if _is_a_tables(self.mapping["EventSourceArn"]) else "KinesisBatchInfo"
        letter = {"QueueUrl": url, "MessageBody": json.dumps({about: places})}
        sent = probe.attempt(self.deployment.account.client("lambda"), "sqs", "send_message", **letter)
        assert sent["outcome"] == "allowed", sent


def number(record: Mapping[str, Any]) -> str:
    """Return a record's place in its shard."""
    if "kinesis" in record:
        return str(record["kinesis"]["sequenceNumber"])
    return str(record["dynamodb"]["SequenceNumber"])


def _is_a_tables(arn: str) -> bool:
    return arn.startswith("arn:aws:dynamodb:")


def _passed_on(record: Mapping[str, Any], shard: str) -> dict[str, Any]:
    """Return a record of Kinesis in the shape that Lambda gives it."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
    }
