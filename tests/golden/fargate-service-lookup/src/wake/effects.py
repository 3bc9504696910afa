"""What the steps do: tasks are started and stopped, their addresses are written into the record, they are asked."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef
    from types_boto3_ec2 import EC2Client
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import TaskTypeDef
    from types_boto3_route53 import Route53Client

__all__ = ["NOBODY", "TTL_SECONDS", "Door", "Record", "Service", "Tasks", "Traffic", "answers"]

logger = logging.getLogger(__name__)

# For documentation alone (RFC 5737): nobody answers there, now or later.
NOBODY = "192.0.2.1"
# For so long a resolver goes on with what it knows.
TTL_SECONDS = 10
# An answer with more of them may not fit into a datagram.
ADDRESSES_AT_MOST = 8
CONNECT_SECONDS = 2
# Connections are counted once a minute; one that came and went in between has left its messages.
COUNTED = ("Connections", "Messages")
# Tasks may start and end while the record is written.
WRITES_AT_MOST = 5


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


class Tasks:
    """Where the tasks of the service are."""

    def __init__(self, ecs: ECSClient, ec2: EC2Client, cluster: str, service: str) -> None:
        self._ecs = ecs
        self._ec2 = ec2
        self._cluster = cluster
        self._service = service

    def addresses(self) -> list[str]:
        """Return the public addresses of the tasks that run and were not told to end."""
        interfaces = [
            detail["value"]
            for task in self._running()
            for attachment in task["attachments"]
            for detail in attachment["details"]
            if detail["name"] == "networkInterfaceId"
        ]
        if not interfaces:
            return []
        found = self._ec2.describe_network_interfaces(
            Filters=[{"Name": "network-interface-id", "Values": interfaces}],
        )
        addresses = [one["Association"]["PublicIp"] for one in found["NetworkInterfaces"] if "Association" in one]
        return sorted(addresses)[:ADDRESSES_AT_MOST]

    def _running(self) -> list[TaskTypeDef]:
        listed = self._ecs.list_tasks(cluster=self._cluster, serviceName=self._service, desiredStatus="RUNNING")
        if not listed["taskArns"]:
            return []
        tasks = self._ecs.describe_tasks(cluster=self._cluster, tasks=listed["taskArns"])["tasks"]
        return [task for task in tasks if task["lastStatus"] == "RUNNING"]


class Record:
    """What the name leads to."""

    def __init__(self, client: Route53Client, zone: str, name: str) -> None:
        self._client = client
        self._zone = zone
        self._name = name

    def write(self, addresses: list[str]) -> None:
        """Write where the name leads from now on: to nobody, without an address."""
        values = addresses or [NOBODY]
        self._client.change_resource_record_sets(
            HostedZoneId=self._zone,
            ChangeBatch={
                "Changes": [
                    {
                        "Action": "UPSERT",
                        "ResourceRecordSet": {
                            "Name": self._name,
                            "Type": "A",
                            "TTL": TTL_SECONDS,
                            "ResourceRecords": [{"Value": value} for value in values],
                        },
                    },
                ],
            },
        )
        logger.info("record written", extra={"addresses": values})


class Door:
    """The name by which clients find the tasks."""

    def __init__(self, record: Record, tasks: Tasks) -> None:
        self._record = record
        self._tasks = tasks

    def open(self) -> None:
        """Name the tasks that run.

        Another function may write at the same time and know less. Whoever writes looks again, so the last one knows.
        """
        addresses = self._tasks.addresses()
        for _ in range(WRITES_AT_MOST):
            self._record.write(addresses)
            before, addresses = addresses, self._tasks.addresses()
            if addresses == before:
                return

    def shut(self) -> None:
        """Name nobody."""
        self._record.write([])


class Traffic:
    """What the tasks say of their connections."""

    def __init__(self, client: CloudWatchClient, service: str, environment: str) -> None:
        self._client = client
        own = {"service": service, "environment": environment}
        self._queries = [_query(service, metric, own) for metric in COUNTED]

    def is_idle(self, seconds: float) -> bool:
        """Tell whether for so long nobody was connected and nothing answered; tasks that say nothing hold nobody."""
        now = datetime.now(UTC)
        found = self._client.get_metric_data(
            MetricDataQueries=self._queries,
            StartTime=now - timedelta(seconds=seconds),
            EndTime=now,
        )
        return not any(value for result in found["MetricDataResults"] for value in result["Values"])


def _query(namespace: str, metric: str, dimensions: dict[str, str]) -> MetricDataQueryTypeDef:
    return {
        "Id": metric.lower(),
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": 60,
            "Stat": "Maximum",
        },
    }


def answers(tasks: Tasks, port: int) -> bool:
    """Tell whether a task takes connections, by the way that clients take."""
    return any(_connects(address, port) for address in tasks.addresses())


def _connects(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        logger.info("no answer", extra={"detail": str(error)})
        return False
    return True
