@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
{% if event_source == "array" %}
    """What one item of a run is asked for; its id names it, however often a task is started for it."""

    run_id: str
    seed: int
    parcels: int
    first: int = 0
{% else %}
    """What one run is asked for; its id names it, however often a task is started for it."""

    run_id: str
    seed: int
    parcels: int
{% endif %}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """{{ "The first `done` parcels of the item" if event_source == "array" else "The parcels below `done`" }} are counted, and earn `tally`."""

    done: int = 0
    tally: Tally = field(default_factory=Tally)


class OrderChangedError(RuntimeError):
    """A run was begun with another order, whose result must not be mixed with this one's."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"run {order.run_id} was begun with another order: give this one an id of its own")
