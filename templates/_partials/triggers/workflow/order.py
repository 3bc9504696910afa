type _Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000_000)]
type _Run = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]


class Reason(StrEnum):
    """Why something can never succeed, however often it is tried."""

    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"


class RejectedError(ValueError):
    """What can never succeed; whoever tries steps again knows this name, and does not."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What starts a run: a forecast of so many parcels, made from a seed."""

    version: Literal[1]
    seed: _Count
    parcels: Annotated[int, msgspec.Meta(ge=1, le=10_000_000_000)]


class Chunk(msgspec.Struct, frozen=True):
    """The parcels from `start` up to, not including, `stop`."""

    seed: _Count
    start: _Count
    stop: _Count

    def __post_init__(self) -> None:
        """Refuse a chunk without parcels, which nobody plans."""
        if self.start >= self.stop:
            message = f"a chunk ends after it starts, not from {self.start} to {self.stop}"
            raise ValueError(message)
