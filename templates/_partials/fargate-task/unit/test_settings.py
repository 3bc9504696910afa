{% extends "templates/_partials/container/test_settings.py" %}
{% block expected %}
        environment="test",
        checkpoints="checkpoints",
{% if checkpoint == "dynamodb" %}
        checkpoint_seconds=3600,
{% endif %}
        run_seconds_at_most=60,
        run_id="run-1",
        seed=7,
        parcels=100,
{% endblock %}
