{% include "templates/_partials/fargate-service/sources/" ~ protocol ~ "/unit/test_settings.py" %}
