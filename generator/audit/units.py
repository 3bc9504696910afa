"""Which tier each unit of compute is on: a function, a task, a service, or a machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from generator.audit.values import Reference, Unknown, Value, text, why_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.audit.stack import Resource, Stack

__all__ = ["Tier", "Unit", "units"]

Tier = Literal["lambda", "fargate-task", "fargate-service", "ec2", "other", "unknown"]

_FIXED: Mapping[str, Tier] = {
    "AWS::Lambda::Function": "lambda",
    "AWS::Serverless::Function": "lambda",
    "AWS::ECS::ExpressGatewayService": "fargate-service",
    "AWS::EKS::FargateProfile": "fargate-service",
    "AWS::EC2::Instance": "ec2",
    "AWS::EC2::EC2Fleet": "ec2",
    "AWS::EC2::SpotFleet": "ec2",
    "AWS::AutoScaling::AutoScalingGroup": "ec2",
    "AWS::EKS::Nodegroup": "ec2",
    "AWS::ElasticBeanstalk::Environment": "ec2",
    "AWS::EMR::Cluster": "ec2",
    "AWS::Lightsail::Instance": "ec2",
    "AWS::AppRunner::Service": "other",
    "AWS::Lightsail::Container": "other",
    "AWS::SageMaker::Endpoint": "other",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit of compute.

    Attributes:
        why: What decided the tier, or why nobody knows it; a part of a sentence.
    """

    resource: Resource
    tier: Tier
    why: str


def units(stack: Stack) -> Iterator[Unit]:
    """Yield each unit of compute of a stack, in the order of the file."""
    for resource in stack.resources.values():
        tier = _FIXED.get(resource.type)
        if tier is not None:
            yield Unit(resource=resource, tier=tier, why=f"it is an {resource.type}")
        elif resource.type == "AWS::ECS::Service":
            yield _service(resource, stack)
        elif resource.type == "AWS::ECS::TaskDefinition" and not stack.users_of(
            resource.logical_id, ("AWS::ECS::Service", "AWS::ECS::TaskSet")
        ):
            yield _task(resource)
        elif resource.type == "AWS::Batch::ComputeEnvironment":
            yield _batch(resource)


def _service(service: Resource, stack: Stack) -> Unit:
    launch = service.properties.member("LaunchType")
    if launch is not None and isinstance(launch.data, str):
        found: Mapping[str, Tier] = {"FARGATE": "fargate-service", "EC2": "ec2", "MANAGED_INSTANCES": "ec2"}
        return Unit(
            resource=service, tier=found.get(launch.data, "other"), why=f"its launch type is {launch.data}"
        )
    strategy = service.properties.member("CapacityProviderStrategy") or _default_strategy(service, stack)
    if strategy is not None and strategy.items():
        return _by_providers(service, strategy, stack)
    compatible = {
        text(item.data)
        for item in stack.values(
            service, "ref(TaskDefinition)->AWS::ECS::TaskDefinition.RequiresCompatibilities[]"
        )
    }
    if compatible == {"FARGATE"}:
        return Unit(resource=service, tier="fargate-service", why="its task definition is for Fargate alone")
    if launch is not None:
        return Unit(resource=service, tier="unknown", why=why_unknown(launch))
    return Unit(resource=service, tier="ec2", why="it names no launch type, and AWS takes EC2 then")


def _default_strategy(service: Resource, stack: Stack) -> Value | None:
    """Return the strategy of the service's cluster."""
    cluster = service.properties.member("Cluster")
    name = cluster.data.logical_id if cluster is not None and isinstance(cluster.data, Reference) else ""
    holders = [stack.resources[name]] if name in stack.resources else []
    holders += stack.users_of(name, ("AWS::ECS::ClusterCapacityProviderAssociations",)) if name else []
    found = (holder.properties.member("DefaultCapacityProviderStrategy") for holder in holders)
    return next((strategy for strategy in found if strategy is not None), None)


def _by_providers(service: Resource, strategy: Value, stack: Stack) -> Unit:
    providers = [
        item
        if isinstance(item.data, Unknown)
        else item.member("CapacityProvider") or Value(Unknown("it has no name"))
        for item in strategy.items()
    ]
    names = [text(provider.data) if isinstance(provider.data, str) else "" for provider in providers]
    shown = ", ".join(name for name in names if name)
    if all(name in {"FARGATE", "FARGATE_SPOT"} for name in names):
        return Unit(resource=service, tier="fargate-service", why=f"its capacity providers are {shown}")
    made_here = [
        provider.data.logical_id
        for provider in providers
        if isinstance(provider.data, Reference) and provider.data.logical_id in stack.resources
    ]
    if made_here or any(names):
        return Unit(
            resource=service,
            tier="ec2",
            why=f"its capacity provider {(made_here or [shown])[0]} runs machines",
        )
    return Unit(resource=service, tier="unknown", why=why_unknown(providers[0]))


def _task(definition: Resource) -> Unit:
    compatible = definition.properties.member("RequiresCompatibilities")
    listed = (
        {text(item.data) for item in compatible.items() if isinstance(item.data, str)}
        if compatible
        else set()
    )
    if "FARGATE" in listed:
        return Unit(
            resource=definition,
            tier="fargate-task",
            why="its task definition is for Fargate, and no service keeps it",
        )
    if compatible is not None and isinstance(compatible.data, Unknown | Reference):
        return Unit(resource=definition, tier="unknown", why=why_unknown(compatible))
    if "EXTERNAL" in listed:
        return Unit(resource=definition, tier="other", why="it runs outside AWS")
    return Unit(resource=definition, tier="ec2", why="its task definition is not for Fargate")


def _batch(environment: Resource) -> Unit:
    resources = environment.properties.member("ComputeResources")
    kind = resources.member("Type") if resources is not None else None
    if kind is None:
        return Unit(resource=environment, tier="ec2", why="an unmanaged environment is one of machines")
    if not isinstance(kind.data, str):
        return Unit(resource=environment, tier="unknown", why=why_unknown(kind))
    tier: Tier = "fargate-task" if kind.data.startswith("FARGATE") else "ec2"
    return Unit(resource=environment, tier=tier, why=f"its type is {kind.data}")
