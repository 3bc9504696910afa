{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/connections.py" %}
