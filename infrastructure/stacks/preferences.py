"""What learns what customers buy: files of purchases come in, lines and histories are kept."""

from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.intake import Intake
from infrastructure.constructs.outputs import show
from infrastructure.constructs.predictor import Predictor
from infrastructure.constructs.training import Training
from infrastructure.environments import Environment
from infrastructure.stacks.storage import StorageStack
from infrastructure.stacks.working import WorkingStack
from layers.build import Target


class PreferencesStack(WorkingStack):
    """A file of purchases becomes lines that a model learns from, and histories that it is asked with."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        target: Target,
        storage: StorageStack,
    ) -> None:
        """Make what records, what serves, and what trains."""
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            target=target,
            storage=storage,
            says="what learns what customers buy",
            layers=_layers(),
        )
        intake = Intake(self, "Intake", storage=storage, make=self._make_function)
        predictor = Predictor(self, "Predictor", environment=environment, storage=storage)
        training = Training(
            self,
            "Training",
            environment=environment,
            storage=storage,
            predictor=predictor,
            make=self._make_function,
        )
        show(self, "PurchasesDeadLetterQueueUrl", intake.failed.queue_url)
        show(self, "PreferencesEndpoint", predictor.endpoint)
        show(self, "TrainPreferencesArn", training.machine.state_machine_arn)
        show(self, "TrainingDeadLetterQueueUrl", training.failed.queue_url)


def _layers() -> tuple[str, ...]:
    """Return the layers that are imported from here, each once."""
    every = (*functions.PREFERENCES, *functions.TRAINING)
    return tuple(dict.fromkeys(name for each in every for name in each.layers))
