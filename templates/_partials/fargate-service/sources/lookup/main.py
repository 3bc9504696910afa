{% include "templates/_partials/fargate-service/sources/tcp/main.py" %}
