{% extends "templates/_partials/fargate-service/sources/connections/infra/test_waking.py" %}
{% block deserted_name %}nobody_calls{% endblock %}

{% block one_client %}One call, on which nothing is said, on one of the tasks{% endblock %}

{% block somebody %}a call is open{% endblock %}

{% block deserted %}nobody calls{% endblock %}
