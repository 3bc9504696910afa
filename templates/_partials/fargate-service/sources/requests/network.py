{% include "templates/_partials/fargate-service/sources/connections/network.py" %}
