"""A state machine from its definition in `statemachine/`."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import aws_stepfunctions
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.constructs.log_group import LogGroup
from infrastructure.environments import Environment

DEFINITIONS = Path(__file__).resolve().parents[2] / "statemachine"


class StateMachine(Construct):
    """A Standard workflow, logged and traced. Its definition is a file, so that it can be read and linted."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        definition: str,
        substitutions: Mapping[str, str],
    ) -> None:
        """`substitutions` fill the definition's `${…}` when the stack is deployed."""
        super().__init__(scope, construct_id)
        name = machine_name(definition, environment=environment)
        # The resource policy of log deliveries ends at 5,120 characters; under this prefix none is needed.
        logs = LogGroup(self, "Logs", environment=environment, name=f"/aws/vendedlogs/states/{name}")
        self.machine = aws_stepfunctions.StateMachine(
            self,
            "Machine",
            definition_body=aws_stepfunctions.DefinitionBody.from_string(
                (DEFINITIONS / f"{definition}.asl.json").read_text()
            ),
            definition_substitutions=dict(substitutions),
            logs=aws_stepfunctions.LogOptions(
                destination=logs.log_group,
                include_execution_data=environment.log_execution_data,
                level=aws_stepfunctions.LogLevel.ALL,
            ),
            state_machine_name=name,
            tracing_enabled=True,
        )
        accept(
            self.machine.role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="Log deliveries and X-Ray's calls know no resources.",
        )


def machine_name(definition: str, *, environment: Environment) -> str:
    """Return what a machine is called: packshot-sandbox-enhance-photo."""
    return f"packshot-{environment.name}-{definition.replace('_', '-')}"
