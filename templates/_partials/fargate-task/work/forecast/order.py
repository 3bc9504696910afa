@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one run is asked for; its id names it, however often a task is started for it."""

    run_id: str
    seed: int
    parcels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The parcels below `done` are counted, and earn `tally`."""

    done: int = 0
    tally: Tally = field(default_factory=Tally)


class OrderChangedError(RuntimeError):
    """A run was begun with another order, whose result must not be mixed with this one's."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"run {order.run_id} was begun with another order: give this one an id of its own")
