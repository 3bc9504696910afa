{% include "templates/_partials/fargate-service/sources/connections/telemetry.py" %}
