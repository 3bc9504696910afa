{% extends "templates/_partials/fargate-service/test_task.py" %}
{% block reached %}
def test_only_the_load_balancer_may_connect_to_a_task(stack: Stack) -> None:
    [balancer] = stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    [service] = stack.of_type("AWS::ECS::Service")
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    [tasks], [front] = network["SecurityGroups"], balancer.properties["SecurityGroups"]

    let_in = [
        (rule.properties["GroupId"], rule.properties.get("SourceSecurityGroupId"))
        for rule in stack.of_type("AWS::EC2::SecurityGroupIngress")
    ]

    assert let_in == [(tasks, front)], "a task has a public address: only the load balancer's group may connect to it"
    assert not stack.resources[tasks.logical_id].properties.get("SecurityGroupIngress"), "see above"


def test_the_load_balancer_takes_https_and_nothing_else(stack: Stack) -> None:
    [balancer] = stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    [front] = balancer.properties["SecurityGroups"]
    listeners = stack.of_type("AWS::ElasticLoadBalancingV2::Listener")

    ports = [rule["ToPort"] for rule in stack.resources[front.logical_id].properties["SecurityGroupIngress"]]

    assert ports == [443]
    assert [(one.properties["Port"], one.properties["Protocol"]) for one in listeners] == [(443, "HTTPS")]


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    ports = [
        (rule["FromPort"], rule["ToPort"])
        for rule in stack.resources[tasks.logical_id].properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
{% endblock %}
