@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one run is asked for: a version of an object, which is the run's id, however often a task is started for it.

    Attributes:
        key: Where the object is in its bucket.
        size: How many bytes it has.
    """

    run_id: str
    key: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The bytes below `done` are read, whole lines all of them, and add up to `tally`."""

    done: int = 0
    tally: Tally = field(default_factory=Tally)


class OrderChangedError(RuntimeError):
    """A run was begun with another order, whose result must not be mixed with this one's."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"run {order.run_id} was begun with another object than {order.key!r}")
