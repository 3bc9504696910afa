{% extends "templates/_partials/fargate-service/raw/app.py" %}
{% block listen %}
    server = await asyncio.start_server(connections.hold, ANYWHERE, settings.port, backlog=2048)
    try:
{% endblock %}
{% block close %}
    finally:
        server.close()
{% endblock %}
