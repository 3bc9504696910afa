{% include "templates/_partials/fargate-service/sources/tcp/unit/running.py" %}
