{% extends "templates/_partials/container/test_container.py" %}
{% block collections %}Callable, Iterator{% endblock %}

{% block constants %}
ORDER = {"version": 1, "forecast_id": "f-1", "seed": 7, "parcels": 1_000}
ENDLESS = {**ORDER, "parcels": 1_000_000_000}
{% endblock %}

{% block stand_in %}
class Aws(ThreadingHTTPServer):
    """Stand in for SQS, DynamoDB and ECS: some messages, a table that is empty, protection for whoever asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.daemon_threads = True
        self.waiting: list[dict[str, object]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def answer(self, action: str, body: dict[str, Any]) -> dict[str, object]:
        """Remember what was asked, and answer as AWS would."""
        self.asked.append((action, body))
        if action == "ReceiveMessage" and self.waiting:
            text = json.dumps(self.waiting.pop(0))
            times = {"ApproximateReceiveCount": "1"}
            return {"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": text, "Attributes": times}]}
        if action == "ReceiveMessage":
            time.sleep(1)
        return {"protection": body} if action == "protection" else {}

    def actions(self) -> list[str]:
        """Return what was asked for, in order, without the looks at the queue."""
        return [action for action, _ in self.asked if action != "ReceiveMessage"]


class Answers(BaseHTTPRequestHandler):
    """Takes calls in the JSON that both services speak, and what ECS takes."""

    server: Aws

    def do_POST(self) -> None:
        self._answer(self.headers["X-Amz-Target"].partition(".")[2])

    def do_PUT(self) -> None:
        self._answer("protection")

    def _answer(self, action: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = json.dumps(self.server.answer(action, body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read what the task says."""


@pytest.fixture
def aws() -> Iterator[Aws]:
    """What the task calls."""
    server = Aws()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def container(engine: str, image: str, aws: Aws) -> Iterator[str]:
    """The task, at work."""
    agent = f"http://127.0.0.1:{aws.server_address[1]}"
    container = told(engine, "--detach", *LOCKED, *environment(aws, ECS_AGENT_URI=agent), image).strip()
    yield container
    ask(engine, "rm", "--force", "--volumes", container)


{% endblock %}

{% block tests %}
def test_message_is_done_under_protection_and_the_task_ends_when_it_is_told_to(
    engine: str, container: str, aws: Aws
) -> None:
    aws.waiting.append(ORDER)
    until(lambda: "DeleteMessage" in aws.actions(), engine, container)
    until(lambda: aws.actions().count("protection") == 2, engine, container)

    ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

    # Claimed, done, gone.
    assert aws.actions() == ["protection", "PutItem", "UpdateItem", "DeleteMessage", "protection"]
    assert ended(engine, container) == ("0", "stopped")


def test_stopped_task_gives_back_what_it_cannot_finish_in_time(engine: str, container: str, aws: Aws) -> None:
    aws.waiting.append(ENDLESS)
    until(lambda: "PutItem" in aws.actions(), engine, container)
    began = time.monotonic()

    ask(engine, "stop", "--time", str(STOP_TIMEOUT_SECONDS), container)

    took = time.monotonic() - began
    assert int(VARIABLES["DRAIN_SECONDS"]) <= took < STOP_TIMEOUT_SECONDS
    assert aws.actions()[-2:] == ["DeleteItem", "ChangeMessageVisibility"]
    assert aws.asked[-1][1]["VisibilityTimeout"] == 0
    assert ended(engine, container) == ("0", "stopped")


{% endblock %}

{% block helpers %}
def ended(engine: str, container: str) -> tuple[str, str]:
    """Return the exit code of a task and the last thing it said."""
    code = ask(engine, "wait", container).stdout.strip()
    said = [line["message"] for line in lines(ask(engine, "logs", container).stdout) if "message" in line]
    return code, said[-1]


def until(holds: Callable[[], bool], engine: str, container: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, ask(engine, "logs", container).stdout
        time.sleep(0.1)


{% endblock %}
