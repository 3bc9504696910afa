{% include "templates/_partials/fargate-service/sources/tcp/settings.py" %}
