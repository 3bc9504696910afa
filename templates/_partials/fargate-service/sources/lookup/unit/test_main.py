{% include "templates/_partials/fargate-service/sources/tcp/unit/test_main.py" %}
