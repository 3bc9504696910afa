{% include "templates/_partials/fargate-service/sources/connections/infra/test_scaling.py" %}
