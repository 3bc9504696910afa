{% include "templates/_partials/triggers/workflow/test_domain.py" %}
