"""What every stack with functions has."""

from aws_cdk import Stack, aws_lambda
from constructs import Construct

from infrastructure.constructs.layers import Layers
from infrastructure.constructs.python_function import PythonFunction
from infrastructure.environments import Environment
from infrastructure.functions import Blueprint
from infrastructure.stacks.storage import StorageStack
from layers.build import Target


class WorkingStack(Stack):
    """Functions with the layers that they share, on what the storage stack keeps."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        target: Target,
        storage: StorageStack,
        says: str,
        layers: tuple[str, ...],
    ) -> None:
        """`says` completes the description; `layers` names those that its functions import from."""
        super().__init__(scope, construct_id, description=f"Packshot {environment.name}: {says}")
        self._environment = environment
        self._target = target
        self._storage = storage
        self._layers = Layers(self, "Layers", names=layers, target=target)

    def _make_function(self, blueprint: Blueprint, variables: dict[str, str]) -> aws_lambda.Function:
        return PythonFunction(
            self,
            blueprint,
            environment=self._environment,
            target=self._target,
            layers=self._layers,
            variables=variables,
        ).function
