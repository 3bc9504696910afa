{% extends "templates/_partials/fargate-service/test_task.py" %}
{% block first %}
def test_a_task_that_never_connects_is_a_failed_start(container: dict[str, Any]) -> None:
    check = container.get("HealthCheck", {})

    assert "'/started'" in str(check.get("Command")), "a deployment that cannot connect would look like a good one"
    assert check["StartPeriod"] >= 2 * LONGEST_PAUSE_SECONDS, "a feed that restarts is no failed start"


{% endblock %}
{% block constants %}
# As src/ waits at most between two connections.
LONGEST_PAUSE_SECONDS = 60
{% endblock %}
