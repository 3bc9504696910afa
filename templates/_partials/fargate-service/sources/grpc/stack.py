{% extends "templates/_partials/fargate-service/sources/connections/stack.py" %}
{% block of_front %}ANSWER_SECONDS_AT_MOST, PORT, Front, make_front{% endblock %}

{% block constants %}
# A task that is told to stop ends its calls within this.
DRAIN_SECONDS = 90
# A call that sends a larger message is refused.
MESSAGE_BYTES_AT_MOST = {{ decision.connections.message_kib * 1024 }}
# Messages that a task works on at the same time: as many as keep its processors busy.
AT_ONCE = {{ decision.connections.at_once }}
{% endblock %}

{% block variables %}
            "CALLS_AT_MOST": str(PER_TASK),
            "MESSAGE_BYTES_AT_MOST": str(MESSAGE_BYTES_AT_MOST),
            "AT_ONCE": str(AT_ONCE),
            "ANSWER_SECONDS_AT_MOST": str(ANSWER_SECONDS_AT_MOST),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
{% endblock %}
