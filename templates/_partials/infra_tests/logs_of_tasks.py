{% if on_batch %}
def test_every_job_logs_to_a_group_of_this_template(stack: Stack) -> None:
    groups = {Reference(group.logical_id) for group in stack.of_type("AWS::Logs::LogGroup")}

    elsewhere = [
        job.logical_id
        for job in stack.of_type("AWS::Batch::JobDefinition")
        for container in [job.properties["ContainerProperties"]]
        if container.get("LogConfiguration", {}).get("Options", {}).get("awslogs-group") not in groups
    ]

    assert not elsewhere, f"Batch keeps for ever what {elsewhere} say: log to a group of this template"
{% else %}
def test_every_container_logs_to_a_group_of_this_template(stack: Stack) -> None:
    groups = {Reference(group.logical_id) for group in stack.of_type("AWS::Logs::LogGroup")}

    elsewhere = [
        f"{task}: {container['Name']}"
        for task in stack.of_type("AWS::ECS::TaskDefinition")
        for container in task.properties["ContainerDefinitions"]
        if container.get("LogConfiguration", {}).get("Options", {}).get("awslogs-group") not in groups
    ]

    assert not elsewhere, f"what {elsewhere} say is lost, or kept for ever: log to a group of this template"
{% endif %}
