{% include "templates/_partials/fargate-service/sources/connections/main.py" %}
