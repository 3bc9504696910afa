{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/telemetry.py" %}
