{% include "templates/_partials/fargate-task/work/forecast/test_domain.py" %}
