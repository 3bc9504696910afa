{% include "templates/_partials/fargate-service/raw/settings.py" %}
