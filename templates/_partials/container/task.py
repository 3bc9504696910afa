def _make_task(
    stack: cdk.Stack,
    group: logs.LogGroup,
    variables: dict[str, str],
    statements: list[iam.PolicyStatement],
) -> ecs.FargateTaskDefinition:
    image = _make_image(stack)
    task = ecs.FargateTaskDefinition(
        stack,
        "Task",
        family=stack.stack_name,
        # The smallest size of Fargate that holds {{ "one run" if tier == "fargate-task" else "the work" }}, as docs/adr/{{ record_file }} found it.
        cpu={{ (decision.size.vcpu * 1024) | int }},
        memory_limit_mib={{ decision.size.memory_mib }},
{% if decision.size.ephemeral_gib > 20 %}
        # The image shares it; 20 GiB would be free, and 21 are the least that can be asked for.
        ephemeral_storage_gib={{ [21, decision.size.ephemeral_gib | int] | max }},
{% endif %}
        runtime_platform=ecs.RuntimePlatform(
            cpu_architecture=ecs.CpuArchitecture.{{ {"arm64": "ARM64", "x86_64": "X86_64"}[decision.size.architecture] }},
            operating_system_family=ecs.OperatingSystemFamily.LINUX,
        ),
        # What the roles allow is all said here; the CDK adds nothing to it.
        task_role=_make_role(stack, "TaskRole", statements).without_policy_updates(),
        execution_role=_make_execution_role(stack, image, group).without_policy_updates(),
    )
    _add_container(stack, task, image, group, variables)
    cdk.Validations.of(task).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions::AwsSolutions-ECS2",
            reason="Names and numbers of this deployment, no secrets: whoever may see the task may see them.",
        ),
    )
    return task


def _add_container(
    stack: cdk.Stack,
    task: ecs.FargateTaskDefinition,
    image: ecr_assets.DockerImageAsset,
    group: logs.LogGroup,
    variables: dict[str, str],
) -> None:
    # A first process that passes signals on before Python listens, and buries orphans.
    parameters = ecs.LinuxParameters(stack, "Linux", init_process_enabled=True)
    parameters.drop_capabilities(ecs.Capability.ALL)
    container = task.add_container(
        CONTAINER,
        image=ecs.ContainerImage.from_docker_image_asset(image),
        environment=variables,
{% if has_plain_port | default(false) %}
        port_mappings=[ecs.PortMapping(container_port=PORT{{ ", protocol=ecs.Protocol.UDP" if protocol == "udp" else "" }})],
{% endif %}
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix=CONTAINER,
            log_group=group,
            # Metrics are log lines too: rather wait than lose one.
            mode=ecs.AwsLogDriverMode.BLOCKING,
        ),
        # By number, so that ECS sees that it is not root; Dockerfile says the same.
        user="10001:10001",
        readonly_root_filesystem=True,
        linux_parameters=parameters,
{% if has_port | default(false) %}
        port_mappings=[ecs.PortMapping(container_port=PORT{{ ", protocol=ecs.Protocol.UDP" if protocol == "udp" else "" }})],
        # Whether the process lives; a task that does not is replaced{{ "" if event_source == "lookup" else ", and API Gateway is not sent to it" }}.
        health_check=ecs.HealthCheck(
            command=["CMD", "/app/bin/python", "-c", ASK_WHETHER_ALIVE],
            interval=cdk.Duration.seconds(10),
            timeout=cdk.Duration.seconds(5),
            retries=3,
        ),
{% endif %}
{% if has_start | default(false) %}
        # Until it has been connected once a task is a start that may fail; then it only has to live.
        health_check=ecs.HealthCheck(
            command=["CMD", "/app/bin/python", "-c", ASK_WHETHER_STARTED],
            interval=cdk.Duration.seconds(30),
            timeout=cdk.Duration.seconds(10),
            retries=3,
            start_period=cdk.Duration.seconds(300),
        ),
{% endif %}
        # {{ why_stop_timeout }}
        stop_timeout=cdk.Duration.seconds(120),
    )
    # The one place that can be written; it ends with the task.
{% if has_volume %}
    # {{ decision.task.volume_gib }} GiB are more than a task has, so whoever starts one brings a volume.
    task.add_volume(name=SCRATCH, configured_at_launch=True)
{% else %}
    task.add_volume(name=SCRATCH)
{% endif %}
    container.add_mount_points(
        ecs.MountPoint(source_volume=SCRATCH, container_path="/scratch", read_only=False),
    )
