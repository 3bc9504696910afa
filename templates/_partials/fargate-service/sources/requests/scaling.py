{% extends "templates/_partials/fargate-service/sources/connections/scaling.py" %}
{% block what %}requests{% endblock %}

{% block names %}"AT_ONCE", "TAKEN_AT_MOST", "scale"{% endblock %}

{% block deserted %}no request is at work{% endblock %}

{% block maximum %}{{ decision.serving.maximum }}{% endblock %}

{% block bounds %}
# Requests that one task works on at the same time: more for work that waits, one for work that computes.
AT_ONCE = {{ decision.serving.at_once }}
# Those and the ones that wait in it, as far as memory has room for their bodies, until more tasks run; the next one is
# refused with 503.
TAKEN_AT_MOST = {{ decision.serving.taken_at_most }}
CROWDED, ROOMY = 0.7 * AT_ONCE, 0.25 * AT_ONCE
{% endblock %}

{% block crowd %}
    # A task with more to do than it works on lets it wait: from twice as many tasks to ten times.
    crowd: list[tuple[float, int]] = [(0, 100), (CROWDED, 400), (4 * CROWDED, 900)]
{% endblock %}

{% block why_late %}
    # A task that ends takes as long as what it has, and spikes come back: so tasks end late and few at a time.
{% endblock %}

{% block step %}float{% endblock %}

