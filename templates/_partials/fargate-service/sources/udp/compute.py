{% include "templates/_partials/fargate-service/raw/compute.py" %}
