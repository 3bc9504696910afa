{% include "templates/_partials/triggers/workflow/domain.py" %}
