"""A Lambda function of ours."""

from collections.abc import Mapping

from aws_cdk import Duration, Size, aws_iam, aws_lambda
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.constructs.layers import RUNTIME, Layers, architecture
from infrastructure.constructs.log_group import LogGroup
from infrastructure.environments import Environment
from infrastructure.functions import Blueprint
from layers.build import Target


class PythonFunction(Construct):
    """A folder of `functions/` on its layers: traced, logged, with a role that may do nothing yet."""

    def __init__(
        self,
        scope: Construct,
        blueprint: Blueprint,
        *,
        environment: Environment,
        target: Target,
        layers: Layers,
        variables: Mapping[str, str],
    ) -> None:
        """`variables` are the function's settings; what it may touch is granted where the two meet."""
        super().__init__(scope, blueprint.step)
        name = blueprint.name_in(environment)
        logs = LogGroup(self, "Logs", environment=environment, name=f"/aws/lambda/{name}")
        role = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"), description=name
        )
        logs.log_group.grant_write(role)
        self.function = aws_lambda.Function(
            self,
            "Function",
            architecture=architecture(target),
            code=aws_lambda.Code.from_asset(str(blueprint.folder), exclude=["__pycache__", "*.pyc", "*.md"]),
            ephemeral_storage_size=Size.mebibytes(blueprint.scratch)
            if blueprint.scratch > _SCRATCH
            else None,
            environment=_variables(blueprint, environment) | dict(variables),
            function_name=name,
            handler="handler.handler",
            layers=[layers.versions[each] for each in blueprint.layers],
            log_group=logs.log_group,
            memory_size=getattr(environment.memory, blueprint.size),
            role=role,
            runtime=RUNTIME,
            timeout=Duration.seconds(blueprint.timeout),
            tracing=aws_lambda.Tracing.ACTIVE,
        )
        accept(
            self.function,
            "AwsSolutions-L1",
            reason="3.13 is what the layers' wheels are pinned for; a newer one comes with newer locks.",
        )
        accept(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="X-Ray's two calls to send traces know no resources.",
        )


_SCRATCH = 512
"""MiB that every function has for files."""


def _variables(blueprint: Blueprint, environment: Environment) -> dict[str, str]:
    return {
        "ENVIRONMENT": environment.name,
        "POWERTOOLS_LOG_LEVEL": environment.log_level,
        "POWERTOOLS_SERVICE_NAME": blueprint.name,
    }
