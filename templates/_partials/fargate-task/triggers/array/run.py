{% extends "templates/_partials/fargate-task/submit.py" %}
{% block intro %}
"""Start a run and follow it: its array of jobs is submitted, its log is shown, and its end is the exit code."""
{% endblock %}
{% block more_arguments %}
    parser.add_argument("--items", type=int, help="into how many items it falls; else as infra/stack.py says")
{% endblock %}
{% block watched %}f"{run_id}-*"{% endblock %}
{% block size %}
    items = options.items or int(names["ItemsPerRun"])
    if not 2 <= items <= 10_000:  # noqa: PLR2004  what Batch takes
        parser.error(f"an array has 2 to 10,000 items, not {items}")
{% endblock %}
{% block array %}
        arrayProperties={"size": items},
{% endblock %}
{% block submitted %}
    sys.stdout.write(f"{run_id}: {items} jobs take a minute to start, or wait; Ctrl-C leaves them alone\n")
    counted: dict[str, int] = {}
{% endblock %}
{% block counted %}
        now = job["arrayProperties"].get("statusSummary", {})
        if now != counted:
            counted = now
            said = ", ".join(f"{number} {name.lower()}" for name, number in now.items() if number)
            sys.stdout.write(f"{run_id}: {said}\n")
{% endblock %}
