{% include "templates/_partials/fargate-service/raw/test_wiring.py" %}
