def _as_it_idles(resource: Resource, stack: Stack) -> Resource:
    """Return a service with the count at which auto scaling leaves it while nothing happens."""
    if resource.type != "AWS::ECS::Service":
        return resource
    minimums = [
        target.properties["MinCapacity"]
        for target in stack.of_type(SCALABLE_TARGET)
        if "${" + resource.logical_id + ".Name}" in spelled(target.properties["ResourceId"])
    ]
    counts = {"DesiredCount": max(minimums)} if minimums else {}
    return replace(resource, properties={**resource.properties, **counts})


