def _make_volumes_role(stack: cdk.Stack) -> iam.Role:
    # With it ECS makes a volume for a task, attaches it and deletes it; AWS keeps the policy to what that takes.
    role = iam.Role(
        stack,
        "VolumesRole",
        assumed_by=iam.ServicePrincipal(
            "ecs.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        ),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonECSInfrastructureRolePolicyForVolumes"),
        ],
    )
    policy = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes"
    cdk.Validations.of(role).acknowledge(
        cdk.Acknowledgment(
            id=f"AwsSolutions::AwsSolutions-IAM4[Policy::{policy}]",
            reason="It is bound to volumes that ECS made and marked; what ECS needs of EC2 for that, AWS alone knows.",
        ),
    )
    return role
