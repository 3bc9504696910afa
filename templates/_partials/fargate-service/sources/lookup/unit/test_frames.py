{% include "templates/_partials/fargate-service/sources/tcp/unit/test_frames.py" %}
