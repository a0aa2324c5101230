"""What writes purchases down: the rule on their bucket, the function, its dead letters, its alarms."""

from collections.abc import Callable

from aws_cdk import Duration, aws_events, aws_events_targets, aws_lambda
from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.access import (
    allow_forgetting,
    allow_histories,
    allow_reading,
    allow_sending,
    allow_writing,
)
from infrastructure.constructs.alarm import Alarm
from infrastructure.constructs.dead_letter_queue import DeadLetterQueue
from infrastructure.stacks.storage import StorageStack

MakeFunction = Callable[[functions.Blueprint, dict[str, str]], aws_lambda.Function]
ARRIVALS = ("purchases/", "batches/", "continuations/", "forgotten/")
"""What is put there calls the function: a shop's file, the API's batch, the rest of a file, a farewell."""
_SPARE_SECONDS = 300
"""What a run keeps of its time: a million rows that were begun are written to their end."""


class Intake(Construct):
    """Each file is read once at least; what is read twice changes nothing."""

    def __init__(
        self, scope: Construct, construct_id: str, *, storage: StorageStack, make: MakeFunction
    ) -> None:
        """`failed` keeps the events of files that could not be recorded."""
        super().__init__(scope, construct_id)
        self._storage = storage
        self.failed = DeadLetterQueue(self, "FailedFiles").queue
        blueprint = functions.blueprint("record_purchases")
        self.function = make(
            blueprint,
            {
                "PURCHASES_BUCKET": storage.purchases.bucket_name,
                "HISTORIES_TABLE": storage.histories.table_name,
                "TIME_LIMIT_SECONDS": str(blueprint.timeout - _SPARE_SECONDS),
            },
        )
        self._grant()
        self._keep_failures()
        self._listen()
        self._sweep_every_day()
        self._watch()

    def _grant(self) -> None:
        bucket = self._storage.purchases
        allow_reading(self.function, bucket, *ARRIVALS, "lines/", "known/")
        allow_writing(self.function, bucket, "lines/", "known/", "reports/", "continuations/")
        allow_forgetting(self.function, bucket, "lines/", "known/", "batches/", "continuations/")
        allow_histories(self.function, self._storage.histories)
        allow_sending(self.function, self.failed)

    def _keep_failures(self) -> None:
        """EventBridge only hands over; what the function then fails at is Lambda's to repeat and to keep."""
        aws_lambda.CfnEventInvokeConfig(
            self,
            "Failures",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_event_age_in_seconds=round(Duration.hours(6).to_seconds()),
            maximum_retry_attempts=2,
            destination_config=aws_lambda.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=aws_lambda.CfnEventInvokeConfig.OnFailureProperty(
                    destination=self.failed.queue_arn
                )
            ),
        )

    def _listen(self) -> None:
        aws_events.Rule(
            self,
            "PurchasesArrived",
            description="Purchases, or who is to be forgotten, were put into the bucket",
            event_pattern=aws_events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [self._storage.purchases.bucket_name]},
                    "object": {"key": [{"prefix": prefix} for prefix in ARRIVALS]},
                },
            ),
            targets=[
                aws_events_targets.LambdaFunction(
                    self.function,
                    dead_letter_queue=self.failed,
                    max_event_age=Duration.hours(24),
                    retry_attempts=185,
                )
            ],
        )

    def _sweep_every_day(self) -> None:
        """Tell of the place of all farewells, as S3 tells of one."""
        place = {"bucket": {"name": self._storage.purchases.bucket_name}, "object": {"key": "forgotten/"}}
        aws_events.Rule(
            self,
            "Sweep",
            description="Look after farewells whose customers' lines a dead run may have kept",
            schedule=aws_events.Schedule.rate(Duration.days(1)),
            targets=[
                aws_events_targets.LambdaFunction(
                    self.function,
                    dead_letter_queue=self.failed,
                    event=aws_events.RuleTargetInput.from_object({"detail": place}),
                    max_event_age=Duration.hours(24),
                    retry_attempts=185,
                )
            ],
        )

    def _watch(self) -> None:
        five = Duration.minutes(5)
        topic = self._storage.alarms
        Alarm(
            self,
            "FilesWaiting",
            metric=self.failed.metric_approximate_number_of_messages_visible(
                period=five, statistic="Maximum"
            ),
            topic=topic,
            says="Files of purchases that could not be recorded wait in the dead-letter queue.",
        )
        Alarm(
            self.function,
            "Errors",
            metric=self.function.metric_errors(period=five, statistic="Sum"),
            topic=topic,
            above=10,
            says="record_purchases keeps raising errors; its log group has the stack trace.",
        )
