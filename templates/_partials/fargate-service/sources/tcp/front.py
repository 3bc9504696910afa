{% include "templates/_partials/fargate-service/raw/front.py" %}
