{% include "templates/_partials/fargate-service/sources/http/wake/machine.py" %}
