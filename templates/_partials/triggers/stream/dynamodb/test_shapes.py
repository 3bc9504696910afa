@pytest.mark.parametrize("record", [None, 7, "text", [], {}, {"dynamodb": {}}, {"dynamodb": {"SequenceNumber": 7}}])
def test_a_record_without_a_place_fails_the_batch_as_a_whole(send: Send, log_lines: LogLines, record: object) -> None:
    assert send(record) == [""]
    assert [line["reason"] for line in log_lines()] == [Reason.WRONG_SHAPE]


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"parcel_id": {"S": "p"}},
        {"parcel_id": {"S": ""}, "status": {"S": "registered"}},
        {"parcel_id": {"S": "x" * 101}, "status": {"S": "registered"}},
        {"parcel_id": {"N": "1" + "0" * 400}, "status": {"S": "registered"}},
        {"parcel_id": {"S": 10**400}, "status": {"S": "registered"}},
        {"parcel_id": {"S": "p"}, "status": {"S": "lost"}},
        {"parcel_id": {"S": "p"}, "status": {"NULL": True}},
        {"parcel_id": {"S": "p"}, "status": "registered"},
        {"parcel_id": [], "status": {"S": "registered"}},
    ],
    ids=str,
)
def test_a_change_of_another_shape_is_rejected_and_named(
    send: Send,
    change: Change,
    log_lines: LogLines,
    image: dict[str, Any],
) -> None:
    record = change(1, None, "registered")
    record["dynamodb"]["NewImage"] = image

    assert send(record) == ["1"]
    [line] = log_lines()
    assert (line["message"], line["reason"], line["sequence_number"]) == ("rejected", Reason.WRONG_SHAPE, "1")
