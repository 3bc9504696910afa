{% extends "templates/_partials/triggers/http/" ~ front ~ "/stack.py" %}
{% block attributes %}
{% if jwt %}
        jwt_issuer: Who issues the tokens, exactly as their claim iss says it.
        jwt_audience: Whom the tokens are for, as their claim aud says it (client_id, where there is no aud).
{% endif %}
{% if cors_origins %}
        cors_origins: The origins whose pages may call; empty for none.
{% endif %}
{% endblock %}
{% block fields %}
{% if jwt %}
    jwt_issuer: str
    jwt_audience: str
{% endif %}
{% if cors_origins %}
{% set origins = cors_origins.split(",") %}
{% if origins | length == 1 %}
    cors_origins: tuple[str, ...] = ("{{ origins[0] }}",)
{% else %}
    cors_origins: tuple[str, ...] = (
{% for origin in origins %}
        "{{ origin }}",
{% endfor %}
    )
{% endif %}
{% endif %}
{% endblock %}
