{% include "templates/_partials/fargate-service/sources/http/limits.py" %}
