{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/environment.py" %}
