{% include "templates/_partials/fargate-service/sources/connections/domain.py" %}
