{% include "templates/_partials/fargate-service/raw/environment.py" %}
