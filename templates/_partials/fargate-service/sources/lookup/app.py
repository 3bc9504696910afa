{% include "templates/_partials/fargate-service/sources/tcp/app.py" %}
