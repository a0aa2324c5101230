"""What learns what customers buy: files of purchases come in, lines and histories are kept."""

from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.intake import Intake
from infrastructure.constructs.outputs import show
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
        """Make the function that records, and what calls it."""
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            target=target,
            storage=storage,
            says="what learns what customers buy",
            layers=tuple(dict.fromkeys(name for each in functions.PREFERENCES for name in each.layers)),
        )
        intake = Intake(self, "Intake", storage=storage, make=self._make_function)
        show(self, "PurchasesDeadLetterQueueUrl", intake.failed.queue_url)
