{% extends "templates/_partials/fargate-service/test_task.py" %}
{% block reached %}
def test_only_the_load_balancer_may_connect_to_a_task(stack: Stack) -> None:
    [balancer] = stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    [service] = stack.of_type("AWS::ECS::Service")
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    [tasks], [front] = network["SecurityGroups"], balancer.properties["SecurityGroups"]

    let_in = [
        (rule.properties["GroupId"], rule.properties.get("SourceSecurityGroupId"), rule.properties["ToPort"])
        for rule in stack.of_type("AWS::EC2::SecurityGroupIngress")
    ]

    # By the port of the service and by that of health.
    assert sorted(let_in, key=lambda rule: int(rule[2])) == [(tasks, front, 7000), (tasks, front, 8081)]
    assert not stack.resources[tasks.logical_id].properties.get("SecurityGroupIngress"), "see above"


def test_the_load_balancer_takes_the_port_of_the_service_and_nothing_else(stack: Stack) -> None:
    [balancer] = stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    [front] = balancer.properties["SecurityGroups"]
    [listener] = stack.of_type("AWS::ElasticLoadBalancingV2::Listener")

    rules = stack.resources[front.logical_id].properties["SecurityGroupIngress"]

    assert [(rule["IpProtocol"], rule["ToPort"]) for rule in rules] == [("{{ event_source }}", listener.properties["Port"])]


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    ports = [
        (rule["FromPort"], rule["ToPort"])
        for rule in stack.resources[tasks.logical_id].properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
{% endblock %}
