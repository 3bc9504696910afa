def test_nobody_may_connect_to_a_task(stack: Stack) -> None:
    rules = stack.of_type("AWS::EC2::SecurityGroupIngress", "AWS::EC2::VPCPeeringConnection")
    open_groups = [
        group.logical_id
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        if group.properties.get("SecurityGroupIngress")
    ]

    assert not rules, f"{rules[0]} lets somebody in: a task has a public address and takes no connections"
    assert not open_groups, f"{open_groups} let somebody in: a task has a public address and takes no connections"


def test_a_task_reaches_no_more_than_https(stack: Stack) -> None:
    ports = [
        (rule.get("FromPort"), rule.get("ToPort"))
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        for rule in group.properties["SecurityGroupEgress"]
    ]

    assert ports == [(443, 443)]
