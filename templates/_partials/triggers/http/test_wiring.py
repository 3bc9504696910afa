{% include "templates/_partials/triggers/http/" ~ front ~ "/test_wiring.py" %}
