{% extends "templates/_partials/fargate-service/sources/connections/app.py" %}
{% block modules %}
from starlette.routing import Route

from {{ package_name }}.feed import Feed
from {{ package_name }}.streams import Streams
{% endblock %}

{% block constants %}{% endblock %}

{% block route %}Route("/events", streams.open, methods=["GET"]){% endblock %}

{% block path %}/events{% endblock %}

{% block made %}
    feed = Feed()
    streams = Streams(feed, counts, at_most=settings.streams_at_most)
{% endblock %}

{% block protocol %}
        http="httptools",
        ws="none",
{% endblock %}

{% block started %}
    feeding = asyncio.create_task(feed.run(streams.tell))
{% endblock %}

{% block ends_it %}, feeding{% endblock %}

{% block ended %}
    if feeding.done():
        feeding.result()
    feeding.cancel()
{% endblock %}
