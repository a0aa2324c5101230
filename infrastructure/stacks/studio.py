"""What works on photos: the functions, the order in which they are called, and what starts them."""

from pathlib import Path

from aws_cdk import Duration, aws_events, aws_events_targets, aws_lambda, aws_stepfunctions
from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.access import (
    allow_calling,
    allow_failing,
    allow_looks,
    allow_reading,
    allow_records,
    allow_rejecting,
    allow_writing,
)
from infrastructure.constructs.alarm import Alarm
from infrastructure.constructs.dead_letter_queue import DeadLetterQueue
from infrastructure.constructs.outputs import show
from infrastructure.constructs.photography import Photography
from infrastructure.constructs.state_machine import StateMachine
from infrastructure.constructs.watch import Sayings, watch_errors, watch_machine
from infrastructure.constructs.weights import NetworkWeights
from infrastructure.environments import Environment
from infrastructure.stacks.bought import Bought
from infrastructure.stacks.storage import StorageStack
from infrastructure.stacks.working import WorkingStack
from layers.build import Target


class StudioStack(WorkingStack):
    """A photo in the uploads bucket starts the machine; its images end in the published bucket."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        target: Target,
        storage: StorageStack,
        photography: Path,
    ) -> None:
        """Make the functions, the machine, the rule and the alarms."""
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            target=target,
            storage=storage,
            says="what works on photos",
            layers=_layers(),
        )
        self._weights = NetworkWeights(self, "Weights", network="u2net")
        self._photography = Photography(self, "Photography", environment=environment, folder=photography)
        self._functions = self._make_functions()
        self._bought = Bought(
            self, "Bought", environment=environment, storage=storage, make=self._make_function
        )
        self._functions["request_background"] = self._bought.request
        self._grant()
        self._failed = DeadLetterQueue(self, "Failed").queue
        self._machine = self._make_machine()
        self._start_on_upload()
        self._watch()
        show(self, "EnhancePhotoArn", self._machine.state_machine_arn)
        show(self, "DeadLetterQueueUrl", self._failed.queue_url)

    def _make_functions(self) -> dict[str, aws_lambda.Function]:
        kept = self._storage
        work = {"WORK_BUCKET": kept.work.bucket_name}
        table = {"CATALOGUE_TABLE": kept.table.table_name}
        bus = {"EVENT_BUS": kept.bus.event_bus_name}
        settings: dict[str, dict[str, str]] = {
            "analyze_photo": work | table,
            "mask_product": work | self._mask_settings(),
            "correct_photo": work | table | {"FAITHFUL": str(self._environment.faithful).lower()},
            "plan_scenes": {
                "BACKGROUND_GENERATOR": self._environment.generator,
                "TRENDS_BUCKET": kept.trends.bucket_name,
                "PURCHASES_BUCKET": kept.purchases.bucket_name,
                "GENERATOR_SECRET": kept.generator.secret_arn,
            }
            | self._photography.variables,
            "render_studio": work,
            "compose_image": work,
            "assess_quality": {
                "ATTEMPTS_ALLOWED": str(self._environment.attempts_allowed),
                "GENERATION_TABLE": kept.generation.table_name,
            },
            "publish_images": {"PUBLISHED_BUCKET": kept.published.bucket_name} | table | bus,
            "reject_photo": table | bus,
        }
        own = [each for each in functions.WORKFLOW if each.name in settings]
        return {each.name: self._make_function(each, settings[each.name]) for each in own}

    def _mask_settings(self) -> dict[str, str]:
        return {
            "ENGINE": self._environment.engine,
            "NETWORK": self._environment.network,
            "U2NET_BUCKET": self._weights.bucket,
            "U2NET_KEY": self._weights.key,
            "WEIGHTS_BUCKET": self._storage.weights.bucket_name,
        }

    def _grant(self) -> None:
        """Let each step touch what its neighbours left for it, and no more."""
        may, kept = self._functions, self._storage
        allow_reading(may["analyze_photo"], kept.uploads, "uploads/")
        allow_writing(may["analyze_photo"], kept.work, "photos/")
        allow_records(may["analyze_photo"], kept.table)
        allow_looks(may["correct_photo"], kept.table)
        for name in ("mask_product", "correct_photo"):
            allow_reading(may[name], kept.work, "photos/")
            allow_writing(may[name], kept.work, "photos/")
        allow_reading(may["mask_product"], kept.weights, "networks/")
        self._weights.allow_reading(may["mask_product"])
        self._photography.allow_reading(may["plan_scenes"])
        allow_reading(may["plan_scenes"], kept.trends, "reports/")
        allow_reading(may["plan_scenes"], kept.purchases, "demand/")
        kept.generator.grant_read(may["plan_scenes"])
        allow_reading(may["render_studio"], kept.work, "plates/")
        allow_writing(may["render_studio"], kept.work, "plates/")
        allow_reading(may["compose_image"], kept.work, "photos/", "plates/")
        allow_writing(may["compose_image"], kept.work, "composites/")
        allow_reading(may["assess_quality"], kept.work, "photos/", "plates/", "composites/")
        allow_rejecting(may["assess_quality"], kept.generation)
        allow_reading(may["publish_images"], kept.work, "photos/", "composites/")
        allow_reading(may["publish_images"], kept.published, "")
        allow_writing(may["publish_images"], kept.published, "")
        for name in ("publish_images", "reject_photo"):
            allow_records(may[name], kept.table)
            kept.bus.grant_put_events_to(may[name])

    def _make_machine(self) -> aws_stepfunctions.StateMachine:
        table = self._storage.table
        invoked = {f"{each.step}FunctionArn": self._functions[each.name] for each in functions.WORKFLOW}
        machine = StateMachine(
            self,
            "EnhancePhoto",
            environment=self._environment,
            definition="enhance_photo",
            substitutions={name: function.function_arn for name, function in invoked.items()}
            | {"CatalogueTableName": table.table_name, "DeadLetterQueueUrl": self._failed.queue_url},
        ).machine
        allow_calling(machine, invoked.values())
        allow_failing(machine, table)
        self._failed.grant(machine, "sqs:SendMessage")
        return machine

    def _start_on_upload(self) -> None:
        aws_events.Rule(
            self,
            "PhotoUploaded",
            description="A photo (or its sidecar) was put under uploads/",
            event_pattern=aws_events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [self._storage.uploads.bucket_name]},
                    "object": {"key": [{"prefix": "uploads/"}]},
                },
            ),
            targets=[
                aws_events_targets.SfnStateMachine(
                    self._machine,
                    dead_letter_queue=self._failed,
                    max_event_age=Duration.hours(24),
                    retry_attempts=185,
                )
            ],
        )

    def _watch(self) -> None:
        topic = self._storage.alarms
        watch_machine(
            self,
            machine=self._machine,
            failed=self._failed,
            topic=topic,
            says=Sayings(
                failed="A photo failed by a defect of ours; its event waits in the dead-letter queue.",
                timed_out="A photo took longer than the machine allows; look at the execution's last state.",
                waiting="Events that could not be worked on wait in the dead-letter queue to be run again.",
            ),
        )
        Alarm(
            self,
            "FunctionsThrottled",
            metric=aws_lambda.Function.metric_all_throttles(period=Duration.minutes(5), statistic="Sum"),
            topic=topic,
            # The machine waits and repeats; only a throttle that lasts is worth waking somebody for.
            above=100,
            says="The account's Lambda concurrency is used up; ask for a higher limit or spread the uploads.",
        )
        all_functions = self._functions | self._bought.called
        rejecting = {each.name for each in functions.WORKFLOW if each.rejects}
        watch_errors(
            {name: each for name, each in all_functions.items() if name not in rejecting}, topic=topic
        )


def _layers() -> tuple[str, ...]:
    """Return the layers that a photo's steps import from, each once."""
    return tuple(dict.fromkeys(name for each in functions.WORKFLOW for name in each.layers))
