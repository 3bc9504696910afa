{% include "templates/_partials/triggers/http/domain.py" %}
