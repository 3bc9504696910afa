{% include "templates/_partials/fargate-service/sources/http/wake/ledger.py" %}
