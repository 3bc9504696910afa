{% include "templates/_partials/fargate-service/sources/tcp/environment.py" %}
