"""What starts a task and waits for it: again where it was stopped, not for ever, and what failed for good is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from compute import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sqs as sqs
    from compute import Compute

__all__ = ["given", "jsonata", "make_workflow"]

type State = dict[str, object]


def make_workflow(
    stack: cdk.Stack,
    compute: Compute,
    letters: sqs.Queue,
    variables: Mapping[str, str],
) -> sfn.StateMachine:
    """Make the workflow of one run.

    Args:
        stack: The deployment.
        compute: What the run is started on.
        letters: Where it is kept what failed.
        variables: What the run is told, each a text or an expression over the workflow's input.
    """
    workflow = sfn.StateMachine(
        stack,
        "Workflow",
        state_machine_name=stack.stack_name,
        # Standard: a run may take up to a year, a thousand transitions bill $0.025, and each run keeps its history.
        state_machine_type=sfn.StateMachineType.STANDARD,
        definition_body=sfn.DefinitionBody.from_string(stack.to_json_string(_definition(compute, letters, variables))),
        role=_make_role(stack, compute, letters).without_policy_updates(),
    )
    nothing_to_trace = "One step has no path to trace, and the task's log says what it did."
    cdk.Validations.of(workflow).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-SF1",
            reason="A standard workflow keeps the history of each run itself, for 90 days.",
        ),
        cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SF2", reason=nothing_to_trace),
        cdk.Acknowledgment(id="Serverless::Serverless-StepFunctionStateMachineXray", reason=nothing_to_trace),
    )
    cdk.CfnOutput(stack, "WorkflowArn", description="What starts a run.", value=workflow.state_machine_arn)
    return workflow


def jsonata(expression: str) -> str:
    """Return an expression for Step Functions to work out."""
    return "{% " + expression + " %}"


def given(name: str, otherwise: str) -> str:
    """Return what the workflow's input says, as a text; where it does not, another expression."""
    return jsonata(f"$string($exists($states.input.{name}) ? $states.input.{name} : {otherwise})")


def _definition(compute: Compute, letters: sqs.Queue, variables: Mapping[str, str]) -> dict[str, object]:
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Run",
        "States": {
            # Spot bills up to 70 % less and may be taken back: then again, and at last where nobody takes it back.
            "Run": _run(compute, variables, "FARGATE_SPOT", attempts=3, otherwise="RunUndisturbed"),
            "RunUndisturbed": _run(compute, variables, "FARGATE", attempts=1, otherwise="KeepFailure"),
            "KeepFailure": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "Arguments": {"QueueUrl": letters.queue_url, "MessageBody": jsonata("$states.input")},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 5}],
                "Output": jsonata("$states.input"),
                "Next": "Failed",
            },
            "Failed": {
                "Type": "Fail",
                "Error": jsonata("$states.input.failure.Error"),
                "Cause": jsonata("$states.input.failure.Cause"),
            },
        },
    }


def _run(compute: Compute, variables: Mapping[str, str], provider: str, *, attempts: int, otherwise: str) -> State:
    environment = [{"Name": name, "Value": value} for name, value in variables.items()]
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        # An hour more than a run gives itself, so that what hangs before it begins is stopped too.
        "TimeoutSeconds": 18000,
        "Arguments": {
            "Cluster": compute.cluster.cluster_arn,
            "TaskDefinition": compute.task.task_definition_arn,
            "CapacityProviderStrategy": [{"CapacityProvider": provider, "Weight": 1}],
            "NetworkConfiguration": {"AwsvpcConfiguration": compute.network.configuration()},
            "Overrides": {"ContainerOverrides": [{"Name": CONTAINER, "Environment": environment}]},
            "PropagateTags": "TASK_DEFINITION",
        },
        "Output": jsonata("{'task': $states.result.TaskArn, 'exit_code': $states.result.Containers[0].ExitCode}"),
        # Each attempt goes on from the checkpoint. What hung once would only hang again.
        "Retry": [
            {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0},
            {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30, "BackoffRate": 2, "MaxAttempts": attempts - 1},
        ],
        "Catch": [
            {
                "ErrorEquals": ["States.ALL"],
                "Output": jsonata("$merge([$states.input, {'failure': $states.errorOutput}])"),
                "Next": otherwise,
            },
        ],
        "End": True,
    }


def _make_role(stack: cdk.Stack, compute: Compute, letters: sqs.Queue) -> iam.Role:
    # How Step Functions learns that a task has ended: by a rule of this name, which it makes and keeps itself.
    rule = stack.format_arn(service="events", resource="rule", resource_name="StepFunctionsGetEventsForECSTaskRule")
    statements = [
        *compute.start_statements(),
        iam.PolicyStatement(actions=["ecs:DescribeTasks", "ecs:StopTask"], resources=[compute.tasks_arn()]),
        iam.PolicyStatement(actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"], resources=[rule]),
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[letters.queue_arn]),
    ]
    role = iam.Role(
        stack,
        "WorkflowRole",
        assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
        inline_policies={"workflow": iam.PolicyDocument(statements=statements)},
    )
    compute.acknowledge_tasks(role)
    return role
