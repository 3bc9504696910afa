{% extends "templates/_partials/fargate-service/sources/connections/front.py" %}
{% block intro %}
"""The front door: a load balancer that speaks TLS with clients and passes calls of gRPC on to tasks that are ready."""
{% endblock %}

{% block names %}"ANSWER_SECONDS_AT_MOST", "PORT", "Front", "make_front"{% endblock %}

{% block constants %}
# What clients reach: the one service of proto/forecasts.proto.
PATHS = ["/forecast.v1.Forecasts/*"]
# A question that takes longer is given up.
ANSWER_SECONDS_AT_MOST = {{ (longest_run_s or 30) | round(0, "ceil") | int }}
# Three heartbeats of a stream fit in, and so does the slowest answer. Pings of HTTP/2 count for nothing: load balancers
# do not support them.
IDLE_SECONDS = max(60, ANSWER_SECONDS_AT_MOST + 15)
# A task that ends gets nobody new for so long before it is told to: what is asked by then can be answered.
DEREGISTRATION_SECONDS = max(30, ANSWER_SECONDS_AT_MOST + 15)
{% endblock %}

{% block idle_timeout %}
            _attribute("idle_timeout.timeout_seconds", str(IDLE_SECONDS)),
{% endblock %}

{% block what %}calls{% endblock %}

{% block otherwise %}
        # Health is the load balancer's own business, and there is nothing else: of 404 gRPC makes UNIMPLEMENTED.
{% endblock %}

{% block rule %}Calls{% endblock %}

{% block paths %}PATHS{% endblock %}

{% block health %}
        protocol_version="GRPC",
        # It reads the status of the call and not the answer; src/{{ package_name }}/health.py sees to that.
        health_check_path="/grpc.health.v1.Health/Check",
{% endblock %}

{% block matcher %}
        matcher=balancing.CfnTargetGroup.MatcherProperty(grpc_code="0"),
{% endblock %}
