{% extends "templates/_partials/fargate-service/sources/connections/infra/test_waking.py" %}
{% block ending_attribute %}
        ending: For each task that the load balancer waits for, the minutes since its last request, and until it stops.
{% endblock %}

{% block ending_field %}
    ending: list[tuple[int, int]] = field(default_factory=list)
{% endblock %}

{% block ending %}
        # Those that the load balancer waits for say that they have nothing to do.
        said["quiet"] += [60.0 * quiet for quiet, _ in self.ending]
        self.ending = [(quiet + 1, left - 1) for quiet, left in self.ending if left]
        self.ending += [(quiet, LONGEST_END_MINUTES) for quiet in self.healthy[self.wanted :]]
{% endblock %}

{% block end_minutes %}
# A load balancer waits for a task that ends for an hour at most.
LONGEST_END_MINUTES = 60
{% endblock %}

{% block deserted_name %}no_request_is_at_work{% endblock %}

{% block one_client %}One request, which takes three hours, on one of the tasks{% endblock %}

{% block somebody %}a request is at work{% endblock %}

{% block deserted %}no request is at work{% endblock %}

