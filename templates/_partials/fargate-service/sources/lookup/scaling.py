{% include "templates/_partials/fargate-service/sources/connections/scaling.py" %}
