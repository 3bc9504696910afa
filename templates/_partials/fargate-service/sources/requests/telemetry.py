{% extends "templates/_partials/fargate-service/sources/http/telemetry.py" %}
{% block made %}
{% if decision.scale_to_zero.min_capacity == 0 %}
        self._busy_at = time.monotonic()
        self._is_ending = False
{% endif %}
{% endblock %}

{% block added %}
{% if decision.scale_to_zero.min_capacity == 0 %}
        self._busy_at = time.monotonic()

    def end(self) -> None:
        """Say nothing about silence any more: the task ends."""
        self._is_ending = True
{% endif %}
{% endblock %}

{% block seen %}
{% if decision.scale_to_zero.min_capacity == 0 %}
        if in_flight:
            self._busy_at = time.monotonic()
{% endif %}
{% endblock %}

{% block written %}
{% if decision.scale_to_zero.min_capacity == 0 %}
        # For how long no request has been at work; a task that ends has nothing to say about that.
        values["Quiet"] = 0 if self._is_ending else round(time.monotonic() - self._busy_at)
{% endif %}
{% endblock %}

{% block in_seconds %}{{ 'in {"Quiet", "Seconds"}' if decision.scale_to_zero.min_capacity == 0 else '== "Seconds"' }}{% endblock %}

