{% include "templates/_partials/container/network.py" %}
