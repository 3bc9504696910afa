{% include "templates/_partials/fargate-service/sources/tcp/message.py" %}
