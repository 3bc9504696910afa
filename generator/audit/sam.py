"""What SAM makes of a function besides the function: event source mappings, and APIs that nobody declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.audit import sam_globals
from generator.audit.values import Value, text

if TYPE_CHECKING:
    from generator.audit.stack import Resource

__all__ = ["event_source_mappings", "implicit_apis"]

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

# Kind of event -> the property that names its API, what stands for all without one, and its type.
_APIS = {
    "Api": ("RestApiId", "ServerlessRestApi", sam_globals.API),
    "HttpApi": ("ApiId", "ServerlessHttpApi", sam_globals.HTTP_API),
}


def implicit_apis(resources: Mapping[str, Value], sections: Mapping[str, Value]) -> dict[str, Value]:
    """Return the APIs that SAM makes for events that name none, as resources with what Globals says of them.

    Args:
        resources: As they are declared.
        sections: The sections of Globals.
    """
    made: dict[str, Value] = {}
    for function in resources.values():
        kind, properties = function.member("Type"), function.member("Properties")
        if kind is None or kind.data != f"{sam_globals.PREFIX}Function" or properties is None:
            continue
        events = properties.member("Events")
        for event in events.data.values() if events is not None and isinstance(events.data, Mapping) else ():
            of_event, said = event.member("Type"), event.member("Properties") or Value({})
            named, logical_id, api = _APIS.get(text(of_event.data) if of_event else "", ("", "", ""))
            if not api or said.member(named) is not None or logical_id in {*resources, *made}:
                continue
            common = sam_globals.common_to(api, sections) or Value({}, event.line)
            made[logical_id] = Value({"Type": Value(api, event.line), "Properties": common}, event.line)
    return made


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
