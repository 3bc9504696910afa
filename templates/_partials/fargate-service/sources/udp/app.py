{% extends "templates/_partials/fargate-service/raw/app.py" %}
{% block listen %}
    transport, _ = await loop.create_datagram_endpoint(lambda: connections, local_addr=(ANYWHERE, settings.port))
    try:
{% endblock %}
{% block close %}
    finally:
        transport.close()
{% endblock %}
