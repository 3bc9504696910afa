{% include "templates/_partials/fargate-service/raw/stack.py" %}
