{% include "templates/_partials/fargate-service/sources/tcp/telemetry.py" %}
