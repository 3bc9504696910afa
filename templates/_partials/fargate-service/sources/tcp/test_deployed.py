{% include "templates/_partials/fargate-service/raw/test_deployed.py" %}
