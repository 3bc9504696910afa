{% extends "templates/_partials/fargate-service/sources/http/unit/test_telemetry.py" %}
{% block more_metrics %}
{% if decision.scale_to_zero.min_capacity == 0 %}
        "Quiet": 0,
{% endif %}
{% endblock %}

{% block more %}
{% if decision.scale_to_zero.min_capacity == 0 %}


def test_a_task_is_quiet_while_no_request_is_at_work_and_at_no_other_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 30))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    counts = Counts("test")

    def seen(in_flight: int) -> int:
        counts.see(in_flight)
        counts.write()
        return int(written(capsys)[-1]["Quiet"])

    quiet = [seen(0), seen(0), seen(1), seen(0)]
    # A request that came and went between two looks counts, too.
    counts.add(200, 0.1)
    answered = seen(0)
    counts.end()

    assert (quiet, answered, seen(0)) == ([30, 60, 30, 60], 30, 0)
{% endif %}
{% endblock %}
