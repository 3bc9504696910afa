{% include "templates/_partials/asynchronous/settings.py" %}
