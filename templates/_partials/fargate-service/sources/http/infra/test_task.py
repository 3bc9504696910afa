{% extends "templates/_partials/fargate-service/test_task.py" %}
{% block reached %}
def test_only_the_vpc_link_may_connect_to_a_task(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [link] = stack.of_type("AWS::ApiGatewayV2::VpcLink")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
    [links] = link.properties["SecurityGroupIds"]
    inline = [
        group.logical_id
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        if group.properties.get("SecurityGroupIngress")
    ]

    rules = [
        (rule.properties["GroupId"], rule.properties.get("SourceSecurityGroupId"), rule.properties["FromPort"])
        for rule in stack.of_type("AWS::EC2::SecurityGroupIngress")
    ]

    assert not inline, f"{inline} let somebody in: a task has a public address, and only the VPC link may connect"
    assert rules == [(tasks, links, 8080)], "a task has a public address, and only the VPC link may connect"
    assert not stack.of_type("AWS::EC2::VPCPeeringConnection")


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [tasks] = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]

    ports = [
        (rule.get("FromPort"), rule.get("ToPort"))
        for rule in stack.resources[tasks.logical_id].properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
{% endblock %}
