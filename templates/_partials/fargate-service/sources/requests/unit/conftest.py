{% include "templates/_partials/fargate-service/sources/http/unit/conftest.py" %}
