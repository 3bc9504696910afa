{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/app.py" %}
