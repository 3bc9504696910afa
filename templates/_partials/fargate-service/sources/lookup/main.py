{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/main.py" %}
