{% include "templates/_partials/fargate-service/sources/tcp/frames.py" %}
