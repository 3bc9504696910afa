{% include "templates/_partials/fargate-service/sources/tcp/domain.py" %}
