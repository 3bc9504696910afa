{% include "templates/_partials/fargate-service/sources/http/wake/handler.py" %}
