{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/message.py" %}
