{% extends "templates/_partials/settings/settings.py" %}
{% block attributes %}
        table_name: Where it is kept who is connected.
        callback_url: The stage of the WebSocket API, as its clients are posted to.
        max_message_bytes: The largest message that is read or sent.
{% endblock %}
{% block fields %}
    table_name: str
    callback_url: str
    max_message_bytes: int
{% endblock %}
{% block reads %}
            table_name=_text(variables, "TABLE_NAME"),
            callback_url=_text(variables, "CALLBACK_URL"),
            max_message_bytes=_positive(variables, "MAX_MESSAGE_BYTES"),
{% endblock %}
{% block readers %}
{% include "templates/_partials/settings/positive.py" %}
{% endblock %}
