{% include "templates/_partials/fargate-service/sources/tcp/connections.py" %}
