{% include "templates/_partials/triggers/queue/init_budget.py" %}
