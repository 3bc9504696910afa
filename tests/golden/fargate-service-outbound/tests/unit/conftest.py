"""A feed in this process, and SQS and DynamoDB as infra/ makes them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from environment import VARIABLES
from moto import mock_aws
from websockets.asyncio.server import ServerConnection, serve

from forecast_feed.letters import Letters
from forecast_feed.positions import Positions
from forecast_feed.results import Results

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

__all__ = ["CLAIM_SECONDS", "PATIENCE_SECONDS", "FeedServer", "in_a_thread", "order", "until"]

PATIENCE_SECONDS = 30
CLAIM_SECONDS = 20


def order(sequence: int, **changed: object) -> dict[str, object]:
    """Return what the feed says."""
    return {"version": 1, "sequence": sequence, "forecast_id": f"f-{sequence}", "seed": 7, "parcels": 20, **changed}


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110  what it waits for has no event
            await asyncio.sleep(0.01)


@dataclass(slots=True)
class FeedServer:
    """The other side: it says what it was given, after the number that it is asked for.

    Attributes:
        sayings: Everything that there is to say.
        asked: What each connection asked for.
        open: The connections.
        refuses: Whether it takes none.
    """

    sayings: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    open: list[ServerConnection] = field(default_factory=list)
    refuses: bool = False
    url: str = ""

    async def answer(self, socket: ServerConnection) -> None:
        """Serve one connection."""
        wish = json.loads(await socket.recv())
        self.asked.append(wish)
        if self.refuses:
            return
        self.open.append(socket)
        said = [saying for saying in self.sayings if saying["sequence"] > wish.get("after", -1)]
        with contextlib.suppress(Exception):
            for saying in said:
                await socket.send(json.dumps(saying))
        await socket.wait_closed()

    async def say(self, *sayings: dict[str, Any] | str) -> None:
        """Say something to whoever listens."""
        for saying in sayings:
            if isinstance(saying, dict):
                self.sayings.append(saying)
            text = saying if isinstance(saying, str) else json.dumps(saying)
            for socket in self.open:
                with contextlib.suppress(Exception):
                    await socket.send(text)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FeedServer]:
        """Serve."""
        async with serve(self.answer, "127.0.0.1", 0, close_timeout=1) as server:
            self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
            yield self


@contextlib.contextmanager
def in_a_thread(server: FeedServer) -> Iterator[FeedServer]:
    """Serve for a task that is a process of its own."""
    running, ended = threading.Event(), threading.Event()

    async def serve_until_ended() -> None:
        async with server.running():
            running.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve_until_ended()))
    thread.start()
    assert running.wait(PATIENCE_SECONDS)
    try:
        yield server
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def _aws() -> Iterator[None]:
    """An account with nothing in it."""
    with mock_aws():
        yield


class _OneByOne:
    """Lets calls through one after the other: AWS looks and changes at once, its stand-in in two steps."""

    def __init__(self, client: DynamoDBClient | SQSClient) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> object:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(**arguments: object) -> object:
            with self._lock:
                return found(**arguments)

        return call


@pytest.fixture
def database(_aws: None) -> DynamoDBClient:
    """DynamoDB with both tables, empty."""
    client = cast("DynamoDBClient", _OneByOne(boto3.client("dynamodb")))
    for name, key in ((VARIABLES["RESULTS_TABLE"], "forecast_id"), (VARIABLES["POSITIONS_TABLE"], "feed")):
        client.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    return client


@pytest.fixture
def results(database: DynamoDBClient) -> Results:
    """What was ordered and what came of it, as a task sees it."""
    return Results(database, VARIABLES["RESULTS_TABLE"], kept_seconds=3600, claim_seconds=CLAIM_SECONDS)


@pytest.fixture
def positions(database: DynamoDBClient) -> Positions:
    """How far the service has come."""
    return Positions(database, VARIABLES["POSITIONS_TABLE"])


@pytest.fixture
def made(database: DynamoDBClient) -> Callable[[], dict[str, int]]:
    """Look up what every forecast earns that is made."""

    def made() -> dict[str, int]:
        items = database.scan(TableName=VARIABLES["RESULTS_TABLE"])["Items"]
        return {item["forecast_id"]["S"]: int(item["revenue_cents"]["N"]) for item in items if "revenue_cents" in item}

    return made


@pytest.fixture
def letters_url(_aws: None) -> str:
    """The dead-letter queue, empty, as infra/ makes it."""
    client = boto3.client("sqs")
    return client.create_queue(QueueName="dead-letters.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]


@pytest.fixture
def letters(letters_url: str) -> Letters:
    """The dead-letter queue, as a task sees it."""
    return Letters(cast("SQSClient", _OneByOne(boto3.client("sqs"))), letters_url)


@pytest.fixture
def put_aside(letters_url: str) -> Callable[[], list[dict[str, str]]]:
    """Look up what lies in the dead-letter queue."""

    def put_aside() -> list[dict[str, str]]:
        answer = boto3.client("sqs").receive_message(QueueUrl=letters_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(letter["Body"]) for letter in answer.get("Messages", [])]

    return put_aside
