def test_a_change_that_a_sender_puts_there_twice_is_told_once(put: Put, send: Send, log_lines: LogLines) -> None:
    move = b'{"version": 1, "event_id": "e", "parcel_id": "p", "before": null, "after": "registered"}'

    assert send(put(1, move), put(2, move)) == []
    assert [line["message"] for line in log_lines()] == ["told"]


@pytest.mark.parametrize("record", [None, 7, "text", [], {}, {"kinesis": {}}, {"kinesis": {"sequenceNumber": 7}}])
def test_a_record_without_a_place_fails_the_batch_as_a_whole(send: Send, log_lines: LogLines, record: object) -> None:
    assert send(record) == [""]
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"{",
        b"\xff\xfe",
        b'{"version": 1, "event_id": "\xff"}',
        b'{"version": 1, "event_id": "e", "parcel_id": "p", "before": null, "after": NaN}',
        b'{"version": 1, "more": ' + b"[" * 100_000,
    ],
    ids=lambda data: repr(data[:40]),
)
def test_what_is_no_json_is_rejected_and_named(put: Put, send: Send, log_lines: LogLines, data: bytes) -> None:
    assert send(put(1, data)) == ["1"]
    [line] = log_lines()
    assert (line["message"], line["reason"], line["sequence_number"]) == ("rejected", Reason.NOT_JSON, "1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_id": ""},
        {"event_id": "x" * 101},
        {"event_id": 10**400},
        {"event_id": None},
        {"parcel_id": ""},
        {"parcel_id": ["p"]},
        {"before": "lost"},
        {"after": True},
        {"after": -1e308},
    ],
    ids=str,
)
def test_a_change_of_another_shape_is_rejected_and_named(
    put: Put,
    send: Send,
    log_lines: LogLines,
    wrong: dict[str, object],
) -> None:
    move = {"version": 1, "event_id": "e", "parcel_id": "p", "before": None, "after": "registered"}

    assert send(put(1, json.dumps({**move, **wrong}).encode())) == ["1"]
    [line] = log_lines()
    assert (line["message"], line["reason"], line["sequence_number"]) == ("rejected", Reason.WRONG_SHAPE, "1")


@pytest.mark.parametrize("version", [2, 0, 1.5, "1", None, 10**400])
def test_a_version_of_the_sender_that_is_not_known_is_rejected(
    put: Put,
    send: Send,
    log_lines: LogLines,
    version: object,
) -> None:
    move = {"version": version, "event_id": "e", "parcel_id": "p", "before": None, "after": "registered"}

    assert send(put(1, json.dumps(move).encode())) == ["1"]
    assert [line["reason"] for line in log_lines()] == [Reason.UNKNOWN_VERSION]


@pytest.mark.parametrize("data", [None, 7, "not base64!", "e30"], ids=str)
def test_what_lambda_did_not_encode_is_rejected_and_named(
    change: Change,
    send: Send,
    log_lines: LogLines,
    data: object,
) -> None:
    record = change(1, None, "registered")
    record["kinesis"]["data"] = data

    assert send(record) == ["1"]
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]
