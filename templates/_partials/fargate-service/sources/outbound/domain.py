{% include "templates/_partials/fargate-task/sample/forecast/domain.py" %}
