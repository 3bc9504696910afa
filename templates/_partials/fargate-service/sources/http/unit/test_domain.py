{% include "templates/_partials/triggers/http/test_domain.py" %}
