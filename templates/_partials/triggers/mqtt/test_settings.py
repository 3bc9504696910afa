{% include "templates/_partials/asynchronous/test_settings.py" %}
