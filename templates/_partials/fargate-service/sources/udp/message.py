{% include "templates/_partials/fargate-service/sources/connections/message.py" %}
