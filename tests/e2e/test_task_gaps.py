"""The emulator lacks what the tests of tasks make up for; when a test here fails, that part of it can go."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from toolbox import module, tool

from e2e import gaps
from e2e.emulator import emulator
from e2e.tasks import eventually, exit_codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.emulator import Account
    from e2e.tasks import TaskDeployment

pytestmark = pytest.mark.e2e

TASKS = "arn:aws:ecs:us-east-1:000000000000"
ROLE = "arn:aws:iam::000000000000:role/starter"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account that has nothing."""
    module("boto3")
    with emulator(tool("ministack"), tmp_path / "log.txt", enforces_iam=False) as account:
        yield account


@pytest.mark.parametrize("kind", sorted(gaps.REFUSED_TYPES))
def test_type_is_refused_by_cloudformation(account: Account, kind: str) -> None:
    formation = account.client("cloudformation")
    template = json.dumps({"Resources": {"Refused": {"Type": kind, "Properties": {}}}})

    with pytest.raises(formation.exceptions.ClientError, match=kind):
        formation.create_stack(StackName="refused", TemplateBody=template)


def test_alarm_of_several_metrics_is_refused_by_cloudformation(account: Account) -> None:
    metric = {"Namespace": "idle", "MetricName": "Quiet"}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    properties = {
        "Metrics": [{"Id": "quiet", "MetricStat": stat, "ReturnData": True}],
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
    }
    template = {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    formation = account.client("cloudformation")
    formation.create_stack(StackName="idle", TemplateBody=json.dumps(template))

    def ask() -> str | None:
        status = str(formation.describe_stacks(StackName="idle")["Stacks"][0]["StackStatus"])
        return None if status.endswith("_IN_PROGRESS") else status

    assert eventually(ask) == "ROLLBACK_COMPLETE"


def test_load_balancer_of_https_takes_plain_http_and_counts_no_refusal(account: Account) -> None:
    balancing = account.client("elbv2")
    [balancer] = balancing.create_load_balancer(Name="idle", Subnets=["a", "b"])["LoadBalancers"]
    [group] = balancing.create_target_group(Name="idle", Protocol="HTTP", Port=8080, TargetType="ip")[
        "TargetGroups"
    ]
    balancing.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )
    request = urllib.request.Request(account.endpoint, headers={"Host": balancer["DNSName"]})  # noqa: S310

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)  # noqa: S310

    assert refused.value.code == 503
    assert account.client("cloudwatch").list_metrics(Namespace="AWS/ApplicationELB")["Metrics"] == []


def test_task_gets_credentials_of_another_role(account: Account) -> None:
    with urllib.request.urlopen(f"{account.endpoint}/v2/credentials/{uuid.uuid4()}") as answer:  # noqa: S310
        given = json.load(answer)

    assert given["RoleArn"] == "arn:aws:iam::000000000000:role/ministack-ecs-task-role"


def test_network_of_a_target_comes_back_under_a_name_that_no_sdk_reads(account: Account) -> None:
    network = {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}
    parameters = {"TaskDefinitionArn": f"{TASKS}:task-definition/idle:1", "NetworkConfiguration": network}
    target = {"Arn": f"{TASKS}:cluster/idle", "RoleArn": ROLE, "EcsParameters": parameters}
    properties = {
        "Name": "idle",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    template = {"Resources": {"Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}}}
    account.client("cloudformation").create_stack(StackName="idle", TemplateBody=json.dumps(template))
    account.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="idle", WaiterConfig={"Delay": 1}
    )

    found = account.client("scheduler").get_schedule(Name="idle")["Target"]["EcsParameters"]

    assert found["TaskDefinitionArn"] == parameters["TaskDefinitionArn"]
    assert found["NetworkConfiguration"] == {}


def test_rule_starts_no_task_and_a_pipe_takes_no_message(account: Account) -> None:
    ecs, queues, events = account.client("ecs"), account.client("sqs"), account.client("events")
    cluster = ecs.create_cluster(clusterName="idle")["cluster"]["clusterArn"]
    definition = ecs.register_task_definition(
        family="idle", containerDefinitions=[{"name": "job", "image": "none"}]
    )
    task = {"TaskDefinitionArn": definition["taskDefinition"]["taskDefinitionArn"]}
    urls = {name: queues.create_queue(QueueName=name)["QueueUrl"] for name in ("control", "piped", "source")}
    arns = {
        name: queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, url in urls.items()
    }
    events.put_rule(Name="both", EventPattern=json.dumps({"source": ["acme"]}))
    ecs_target = {"Id": "task", "Arn": cluster, "RoleArn": ROLE, "EcsParameters": task, "Input": "{}"}
    events.put_targets(Rule="both", Targets=[ecs_target, {"Id": "control", "Arn": arns["control"]}])
    account.client("pipes").create_pipe(
        Name="idle", RoleArn=ROLE, Source=arns["source"], Target=arns["piped"], DesiredState="RUNNING"
    )
    queues.send_message(QueueUrl=urls["source"], MessageBody="{}")

    events.put_events(Entries=[{"Source": "acme", "DetailType": "any", "Detail": "{}"}])

    # The target beside the task has heard of it.
    assert eventually(lambda: queues.receive_message(QueueUrl=urls["control"]).get("Messages") or None)
    assert ecs.list_tasks(cluster="idle")["taskArns"] == []
    assert queues.receive_message(QueueUrl=urls["piped"], WaitTimeSeconds=3).get("Messages", []) == []


def test_job_of_batch_is_done_without_having_run(account: Account) -> None:
    batch = account.client("batch")
    place = batch.create_compute_environment(
        computeEnvironmentName="idle",
        type="MANAGED",
        computeResources={"type": "FARGATE", "maxvCpus": 1, "subnets": ["a"], "securityGroupIds": ["b"]},
    )["computeEnvironmentArn"]
    order = [{"order": 1, "computeEnvironment": place}]
    queue = batch.create_job_queue(jobQueueName="idle", priority=1, computeEnvironmentOrder=order)[
        "jobQueueArn"
    ]
    job = batch.register_job_definition(
        jobDefinitionName="idle", type="container", containerProperties={"image": "none"}
    )["jobDefinitionArn"]

    submitted = batch.submit_job(jobName="idle", jobQueue=queue, jobDefinition=job)["jobId"]

    # There is no such image.
    assert [one["status"] for one in batch.describe_jobs(jobs=[submitted])["jobs"]] == ["SUCCEEDED"]


def test_part_of_a_version_comes_as_all_of_it(account: Account) -> None:
    storage = account.client("s3")
    storage.create_bucket(Bucket="versions")
    storage.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    version = storage.put_object(Bucket="versions", Key="letters", Body=b"abc")["VersionId"]

    found = storage.get_object(Bucket="versions", Key="letters", VersionId=version, Range="bytes=0-0")

    assert found["Body"].read() == b"abc"


def test_scheduler_starts_no_task(account: Account) -> None:
    ecs, queues = account.client("ecs"), account.client("sqs")
    cluster = ecs.create_cluster(clusterName="idle")["cluster"]["clusterArn"]
    definition = ecs.register_task_definition(
        family="idle", containerDefinitions=[{"name": "job", "image": "none"}]
    )
    url = queues.create_queue(QueueName="control")["QueueUrl"]
    control = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    task = {"TaskDefinitionArn": definition["taskDefinition"]["taskDefinitionArn"]}
    once(account, "task", {"Arn": cluster, "RoleArn": ROLE, "EcsParameters": task, "Input": "{}"})
    once(account, "control", {"Arn": control, "RoleArn": ROLE, "Input": "{}"})

    # Both were due at once, and this one is fired.
    assert eventually(lambda: queues.receive_message(QueueUrl=url).get("Messages") or None)
    assert ecs.list_tasks(cluster="idle")["taskArns"] == []


def test_workflow_goes_on_after_a_task_that_failed_and_nobody_says_that_it_stopped(
    tasks: TaskDeployment,
) -> None:
    queues, events = tasks.account.client("sqs"), tasks.account.client("events")
    url = queues.create_queue(QueueName="stopped")["QueueUrl"]
    queue = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="stopped", EventPattern=json.dumps({"source": ["aws.ecs"]}))
    events.put_targets(Rule="stopped", Targets=[{"Id": "queue", "Arn": queue}])
    # No setting: the task ends with exit code 2.
    run_id = str(uuid.uuid4())

    task = tasks.stopped(tasks.start(run_id, parcels=0))

    assert exit_codes(task) == [2]
    assert status_of_last_run(tasks) == "SUCCEEDED"
    assert queues.receive_message(QueueUrl=url).get("Messages", []) == []
    events.remove_targets(Rule="stopped", Ids=["queue"])
    events.delete_rule(Name="stopped")
    queues.delete_queue(QueueUrl=url)


def status_of_last_run(tasks: TaskDeployment) -> str:
    """Wait until the newest run of the workflow has ended, and return how."""
    workflows = tasks.account.client("stepfunctions")

    def ask() -> str | None:
        newest = workflows.list_executions(stateMachineArn=tasks.outputs["WorkflowArn"])["executions"][0]
        return None if newest["status"] == "RUNNING" else str(newest["status"])

    return eventually(ask)


def once(account: Account, name: str, target: dict[str, Any]) -> None:
    """Schedule a target for now."""
    now = datetime.now(UTC) + timedelta(seconds=1)
    account.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=f"at({now:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
