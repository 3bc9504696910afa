{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/unit/running.py" %}
