{% extends "templates/_partials/fargate-service/compute.py" %}
{% block container %}worker{% endblock %}

{% block parameters %}
    statements: list[iam.PolicyStatement],
{% endblock %}

{% block arguments %}
        statements: What a task may do.
{% endblock %}

{% block make_task %}
    task = _make_task(stack, group, variables, [*statements, _may_protect_itself(stack)])
    _acknowledge_tasks(stack)
{% endblock %}

{% block protection %}
def _may_protect_itself(stack: cdk.Stack) -> iam.PolicyStatement:
    tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{stack.stack_name}/*")
    return iam.PolicyStatement(actions=["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], resources=[tasks])


def _acknowledge_tasks(stack: cdk.Stack) -> None:
    """Say why the role of a task names all tasks of the cluster."""
    tasks = f"arn:<AWS::Partition>:ecs:{stack.region}:<AWS::AccountId>:task/{stack.stack_name}/*"
    cdk.Validations.of(stack.node.find_child("TaskRole")).acknowledge(
        cdk.Acknowledgment(
            id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{tasks}]",
            reason="A task has a name only once it is started; these are the tasks of the service's own cluster.",
        ),
    )


{% endblock %}

{% block task %}
{% with why_stop_timeout = "The longest there is: what is in hand is finished in it, or given back.", has_volume = false %}
{% include "templates/_partials/container/task.py" %}
{% endwith %}
{% endblock %}
