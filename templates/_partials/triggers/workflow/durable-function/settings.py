{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        page_parcels: How many parcels one step counts.
        stop_before_seconds: How long before Lambda would stop it an invocation ends by itself.
        chunks_at_once: How many chunks of one run are worked on side by side.
{% endblock %}
{% block fields %}
    page_parcels: int
    stop_before_seconds: int
    chunks_at_once: int
{% endblock %}
{% block reads %}
            page_parcels=_positive(variables, "PAGE_PARCELS"),
            stop_before_seconds=_positive(variables, "STOP_BEFORE_SECONDS"),
            chunks_at_once=_positive(variables, "CHUNKS_AT_ONCE"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
