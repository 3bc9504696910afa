{% extends "templates/_partials/fargate-service/sources/http/unit/test_server.py" %}
{% block modules %}
import contextlib
{% endblock %}

{% block stopped %}
def test_a_task_that_is_told_to_stop_ends_what_it_has(slow: subprocess.Popen[str], port: int) -> None:
    statuses: list[int] = []
    at_work = threading.Thread(target=lambda: statuses.append(ask(port)))
    at_work.start()
    time.sleep(0.3)

    slow.send_signal(signal.SIGTERM)
    at_work.join()
    said, _ = slow.communicate(timeout=30)

    assert statuses == [200]
    assert slow.returncode == 0
    assert messages(said) == ["starting", "ready", "draining", "stopped"]
{% if decision.scale_to_zero.min_capacity == 0 %}
    quiet = [line["Quiet"] for line in map(json.loads, said.splitlines()) if "Quiet" in line]
    assert (quiet[0], quiet[-1]) == (0, 0), "the alarm that puts it to sleep would stay on"
{% endif %}
{% endblock %}

{% block cut_off %}
def test_what_does_not_end_in_time_is_cut_off(port: int) -> None:
    def ask_in_vain() -> None:
        with contextlib.suppress(http.client.RemoteDisconnected):
            ask(port)

    with start(port, "-c", SLOW.replace("{seconds}", "4"), DRAIN_SECONDS="1") as process:
        until_ready(port)
        at_work = threading.Thread(target=ask_in_vain)
        at_work.start()
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        at_work.join()
        cut_off = time.monotonic() - began
        process.communicate(timeout=30)

    # Its threads end by themselves, or with the task.
    assert cut_off < 3
    assert process.returncode == 0
{% endblock %}
