{% include "templates/_partials/fargate-service/test_task.py" %}
