{% include "templates/_partials/fargate-task/work/forecast/domain.py" %}
