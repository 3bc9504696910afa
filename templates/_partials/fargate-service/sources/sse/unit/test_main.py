{% include "templates/_partials/fargate-service/sources/connections/unit/test_main.py" %}
