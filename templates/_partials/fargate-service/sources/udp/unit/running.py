{% include "templates/_partials/fargate-service/raw/running.py" %}
