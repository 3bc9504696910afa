{% extends "templates/_partials/fargate-service/test_task.py" %}
{% block reached %}
def test_clients_reach_the_port_of_the_service_and_nothing_else(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    let_in = [
        (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
        for rule in stack.resources[tasks.logical_id].properties.get("SecurityGroupIngress", [])
    ]

    assert let_in == [("{{ protocol }}", 7000, 7000)], "health is asked inside the task: open the port of the service alone"
    assert not stack.of_type("AWS::EC2::SecurityGroupIngress"), "see above"


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    ports = [
        (rule["FromPort"], rule["ToPort"])
        for rule in stack.resources[tasks.logical_id].properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
{% endblock %}
