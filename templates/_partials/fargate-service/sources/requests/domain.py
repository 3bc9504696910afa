{% include "templates/_partials/fargate-service/sources/http/domain.py" %}
