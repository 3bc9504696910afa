{% extends "templates/_partials/triggers/http/" ~ front ~ "/stack.py" %}
