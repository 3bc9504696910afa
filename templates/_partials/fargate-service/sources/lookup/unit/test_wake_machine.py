{% include "templates/_partials/fargate-service/sources/http/unit/test_wake_machine.py" %}
