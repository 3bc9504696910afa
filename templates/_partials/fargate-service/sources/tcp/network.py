{% include "templates/_partials/fargate-service/raw/network.py" %}
