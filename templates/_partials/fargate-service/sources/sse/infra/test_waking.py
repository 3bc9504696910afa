{% extends "templates/_partials/fargate-service/sources/connections/infra/test_waking.py" %}
{% block deserted_name %}nobody_listens{% endblock %}

{% block one_client %}One client, who takes nothing, at one of the tasks{% endblock %}

{% block somebody %}somebody listens{% endblock %}

{% block deserted %}nobody listens{% endblock %}
