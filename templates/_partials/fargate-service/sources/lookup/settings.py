{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/settings.py" %}
