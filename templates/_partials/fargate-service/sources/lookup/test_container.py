{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/test_container.py" %}
