{% include "templates/_partials/fargate-task/sample/forecast/test_domain.py" %}
