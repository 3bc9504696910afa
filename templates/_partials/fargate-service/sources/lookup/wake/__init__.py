{% include "templates/_partials/fargate-service/sources/http/wake/__init__.py" %}
