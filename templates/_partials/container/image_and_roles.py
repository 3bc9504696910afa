def _make_image(stack: cdk.Stack) -> ecr_assets.DockerImageAsset:
    # Built from Dockerfile when the stack is deployed, into the repository of the CDK's bootstrap stack.
    return ecr_assets.DockerImageAsset(
        stack,
        "Image",
        directory=str(ROOT),
        platform=ecr_assets.Platform.LINUX_{{ {"arm64": "ARM64", "x86_64": "AMD64"}[decision.size.architecture] }},
    )


def _make_execution_role(stack: cdk.Stack, image: ecr_assets.DockerImageAsset, group: logs.LogGroup) -> iam.Role:
    # What ECS does before the task runs: fetch the image, open the log stream. The task itself cannot use it.
    role = _make_role(
        stack,
        "ExecutionRole",
        [
            iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=[image.repository.repository_arn],
            ),
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[group.log_group_arn],
            ),
        ],
    )
    cdk.Validations.of(role).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            reason="A token for the registry is of no repository: AWS offers nothing narrower.",
        ),
    )
    return role


def _make_role(stack: cdk.Stack, name: str, statements: list[iam.PolicyStatement]) -> iam.Role:
    return iam.Role(
        stack,
        name,
        assumed_by=iam.ServicePrincipal(
            "ecs-tasks.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        ),
{% if may_do_nothing | default(false) %}
        inline_policies={"task": iam.PolicyDocument(statements=statements)} if statements else {},
{% else %}
        inline_policies={"task": iam.PolicyDocument(statements=statements)},
{% endif %}
    )
