{% include "templates/_partials/fargate-service/sources/http/main.py" %}
