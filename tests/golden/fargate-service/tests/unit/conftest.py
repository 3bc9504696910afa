"""SQS and DynamoDB inside this process, as infra/ makes them, and the address at which ECS offers task protection."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from environment import VARIABLES
from moto import mock_aws
from unit.patience import PATIENCE_SECONDS

from forecast_orders.inbox import Inbox
from forecast_orders.protection import Protection
from forecast_orders.results import Results
from forecast_orders.telemetry import Counts
from forecast_orders.worker import Limits, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

__all__ = ["Agent", "Queue", "Running"]

HIDDEN_SECONDS = 30
CLAIM_SECONDS = 20
RECEIVES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue and its dead-letter queue."""

    client: SQSClient
    url: str
    letters_url: str

    def send(self, *bodies: object) -> None:
        """Send messages, each as JSON unless it is a text."""
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.client.send_message(QueueUrl=self.url, MessageBody=text)

    def left(self) -> tuple[int, int]:
        """Return how many messages wait, and how many are hidden.

        One that stops being hidden between the two counts is in neither, but only once.
        """
        return max(self._counted(), self._counted())

    def _counted(self) -> tuple[int, int]:
        attributes = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]), int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def letters(self) -> list[str]:
        """Return what lies in the dead-letter queue."""
        answer = self.client.receive_message(QueueUrl=self.letters_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in answer.get("Messages", [])]


@dataclass(slots=True, kw_only=True)
class Agent:
    """What ECS offers inside a task: it remembers what it was asked, and may refuse."""

    uri: str = ""
    refuses: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def held(self) -> list[bool]:
        """Return each wish, in order: True to hold protection, False to let it go."""
        return [wish["ProtectionEnabled"] for wish in self.asked]


@dataclass(slots=True, kw_only=True)
class Running:
    """A worker at work in a thread of its own."""

    worker: Worker
    stopping: threading.Event = field(default_factory=threading.Event)
    raised: list[BaseException] = field(default_factory=list)
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        """Start it."""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Tell it to stop and wait until it has."""
        self.stopping.set()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive(), "it does not stop"

    def _run(self) -> None:
        try:
            self.worker.run(self.stopping)
        except BaseException as error:  # noqa: BLE001  the test looks at it
            self.raised.append(error)


@pytest.fixture
def _aws() -> Iterator[None]:
    """An account with nothing in it."""
    with mock_aws():
        yield


@pytest.fixture
def queue(_aws: None) -> Queue:
    """The queue, empty, as infra/ makes it."""
    client = boto3.client("sqs")
    letters = client.create_queue(QueueName="dead-letters")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
    url = client.create_queue(QueueName="messages", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    return Queue(client=client, url=url, letters_url=letters)


@pytest.fixture
def database(_aws: None) -> DynamoDBClient:
    """DynamoDB with the table of results, empty."""
    client = boto3.client("dynamodb")
    client.create_table(
        TableName=VARIABLES["RESULTS_TABLE"],
        AttributeDefinitions=[{"AttributeName": "forecast_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "forecast_id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def results(database: DynamoDBClient) -> Results:
    """What was ordered and what came of it, as a task sees it."""
    return Results(database, VARIABLES["RESULTS_TABLE"], kept_seconds=3600, claim_seconds=CLAIM_SECONDS)


@pytest.fixture
def revenue(database: DynamoDBClient) -> Callable[[str], int | None]:
    """Look up what a forecast earns; None while nobody knows."""

    def revenue(forecast_id: str) -> int | None:
        found = database.get_item(TableName=VARIABLES["RESULTS_TABLE"], Key={"forecast_id": {"S": forecast_id}})
        number = found.get("Item", {}).get("revenue_cents", {}).get("N")
        return None if number is None else int(number)

    return revenue


@pytest.fixture
def agent() -> Iterator[Agent]:
    """ECS's own address, in this process."""
    agent = Agent()

    class Answers(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            agent.asked.append({"path": self.path, **body})
            answer = {"failure": {"Reason": "stopping"}} if agent.refuses else {"protection": body}
            text = json.dumps(answer).encode()
            self.send_response(400 if agent.refuses else 200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    agent.uri = f"http://127.0.0.1:{server.server_address[1]}/api/task"
    yield agent
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def start(queue: Queue, results: Results, agent: Agent) -> Iterator[Callable[..., Running]]:
    """Start a worker that is quicker than a real one, with some limits changed; it ends with the test."""
    limits = Limits(
        at_once=2,
        message_seconds=60,
        drain_seconds=20,
        keep_every_seconds=HIDDEN_SECONDS / 3,
        poll_seconds=0,
        pause_seconds=0.05,
        retry_seconds=0,
    )
    started: list[Running] = []

    def start(*, hidden_seconds: int = HIDDEN_SECONDS, **changed: float) -> Running:
        worker = Worker(
            Inbox(queue.client, queue.url, hidden_seconds),
            results,
            Protection(agent.uri, at_most_seconds=600),
            Counts("test"),
            replace(limits, **changed),  # type: ignore[arg-type]  # an int where one is wanted
        )
        started.append(Running(worker=worker))
        return started[-1]

    yield start
    for running in started:
        running.stopping.set()
        running.thread.join(PATIENCE_SECONDS)
