{% block intro %}
"""What the steps do: tasks are started and stopped, the door is opened and shut, the service is asked."""
{% endblock %}

from __future__ import annotations

{% block modules %}
import http.client
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef
    from types_boto3_ecs import ECSClient

__all__ = ["Door", "Service", "Traffic", "answers"]

logger = logging.getLogger(__name__)

READY_PATH = "/ready"
PROBE_SECONDS = 2
{% endblock %}


class Service:
    """The tasks of one service of ECS."""

    def __init__(self, client: ECSClient, cluster: str, name: str) -> None:
        self._client = client
        self._cluster = cluster
        self._name = name

    def count(self) -> int:
        """Return how many tasks are wanted."""
        found = self._client.describe_services(cluster=self._cluster, services=[self._name])
        return found["services"][0]["desiredCount"]

    def start(self) -> None:
        """Want one task, where none is wanted; what a deployment, a person or scaling has started stays as it is."""
        if self.count() == 0:
            self._client.update_service(cluster=self._cluster, service=self._name, desiredCount=1)

    def stop(self) -> None:
        """Want none."""
        self._client.update_service(cluster=self._cluster, service=self._name, desiredCount=0)


{% block others %}
class Door:
    """The `$default` route of the API, which leads to the tasks or to the function that wakes them."""

    def __init__(self, client: ApiGatewayV2Client, api_id: str) -> None:
        self._client = client
        self._api_id = api_id

    def open(self) -> None:
        """Let requests in, to the tasks."""
        self._lead_to("HTTP_PROXY")

    def shut(self) -> None:
        """Let requests come to the function."""
        self._lead_to("AWS_PROXY")

    def _lead_to(self, kind: str) -> None:
        # The API has one integration of each kind; the function cannot be told their names, because the API names it.
        integrations = self._client.get_integrations(ApiId=self._api_id)["Items"]
        [wanted] = [one["IntegrationId"] for one in integrations if one["IntegrationType"] == kind]
        routes = self._client.get_routes(ApiId=self._api_id)["Items"]
        [route] = [one for one in routes if one["RouteKey"] == "$default"]
        target = f"integrations/{wanted}"
        if route.get("Target") != target:
            self._client.update_route(ApiId=self._api_id, RouteId=route["RouteId"], Target=target)


class Traffic:
    """What CloudWatch knows of requests."""

    def __init__(self, client: CloudWatchClient, service: str, environment: str, api_id: str) -> None:
        self._client = client
        own = {"service": service, "environment": environment}
        self._queries: list[MetricDataQueryTypeDef] = [
            _query("in_flight", service, "InFlight", own, "Maximum"),
            _query("requests", service, "Requests", own, "Sum"),
            _query("calls", "AWS/ApiGateway", "Count", {"ApiId": api_id}, "Sum"),
        ]

    def is_idle(self, seconds: float) -> bool:
        """Tell whether for so long no request was at work and none came.

        The tasks count requests at work once a second, whoever holds the connection. Where they have said nothing,
        the calls that API Gateway has counted decide.
        """
        now = datetime.now(UTC)
        found = self._client.get_metric_data(
            MetricDataQueries=self._queries,
            StartTime=now - timedelta(seconds=seconds),
            EndTime=now,
        )
        values = {result["Id"]: result["Values"] for result in found["MetricDataResults"]}
        if values["in_flight"]:
            return not any(values["in_flight"]) and not any(values["requests"])
        return not any(values["calls"])


def _query(
    name: str, namespace: str, metric: str, dimensions: dict[str, str], statistic: str
) -> MetricDataQueryTypeDef:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": 60,
            "Stat": statistic,
        },
    }


def answers(url: str) -> bool:
    """Ask the service whether it is ready, by the way that requests take.

    That a task runs is not enough: API Gateway has to find it, and its VPC link has to be active. A request that finds
    it inactive is what makes AWS activate it.
    """
    address = urlsplit(url)
    connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = connect(address.netloc, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", READY_PATH)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        logger.info("no answer", extra={"detail": str(error)})
        return False
    finally:
        connection.close()
    return status == http.HTTPStatus.OK
{% endblock %}
