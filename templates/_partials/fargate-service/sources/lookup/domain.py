{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/domain.py" %}
