{% include "templates/_partials/fargate-service/sources/tcp/test_container.py" %}
