"""What SAM makes of a function besides the function: the event source mappings among its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.audit.values import Value, text

if TYPE_CHECKING:
    from generator.audit.stack import Resource

__all__ = ["event_source_mappings"]

# Kind of event -> the property that names the source.
_POLLED = {
    "SQS": "Queue",
    "Kinesis": "Stream",
    "DynamoDB": "Stream",
    "MSK": "Stream",
    "SelfManagedKafka": "Topics",
    "MQ": "Broker",
    "DocumentDB": "Cluster",
}


def event_source_mappings(function: Resource) -> Iterator[Resource]:
    """Yield the mappings that SAM makes for a function, named as SAM names them."""
    events = function.properties.member("Events")
    if events is None or not isinstance(events.data, Mapping):
        return
    for name, event in events.data.items():
        kind, said = event.member("Type"), event.member("Properties")
        source = _POLLED.get(text(kind.data)) if kind is not None else None
        if source is None or said is None or not isinstance(said.data, Mapping):
            continue
        members = dict(said.data)
        if source in members:
            members["EventSourceArn"] = members.pop(source)
        yield replace(
            function,
            logical_id=f"{function.logical_id}{name}",
            type="AWS::Lambda::EventSourceMapping",
            properties=Value(members, event.line),
            line=event.line,
        )
