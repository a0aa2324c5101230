"""What buys backgrounds: the function that asks, the door for callbacks, the sweep, the alarm."""

from collections.abc import Callable

from aws_cdk import Duration, aws_cloudwatch, aws_events, aws_events_targets, aws_lambda
from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.access import (
    allow_answering,
    allow_finding_jobs,
    allow_jobs,
    allow_reading,
    allow_writing,
)
from infrastructure.constructs.alarm import Alarm
from infrastructure.constructs.callback_api import CallbackApi
from infrastructure.constructs.dead_letter_queue import DeadLetterQueue
from infrastructure.constructs.outputs import show
from infrastructure.constructs.state_machine import machine_name
from infrastructure.environments import Environment
from infrastructure.functions import Blueprint
from infrastructure.stacks.storage import StorageStack

MakeFunction = Callable[[Blueprint, dict[str, str]], aws_lambda.Function]
SWEEP_MINUTES = 5


class Bought(Construct):
    """`request` asks for a plate; `called` are the functions that the generator's answers come to."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        make: MakeFunction,
    ) -> None:
        """Make the functions, the API, the schedule and the alarm; without a token all of it rests."""
        super().__init__(scope, construct_id)
        self._environment = environment
        self._storage = storage
        self.called = {each.name: make(each, self._where()) for each in functions.CALLBACKS}
        receive = self.called["receive_background"]
        api = CallbackApi(self, "Callbacks", environment=environment, function=receive)
        request = functions.blueprint("request_background")
        self.request = make(request, self._where() | self._terms() | {"CALLBACKS_URL": api.url})
        self._grant()
        self._sweep_every_few_minutes()
        self._watch()
        show(scope, "CallbacksApiId", api.api.api_id)

    def _where(self) -> dict[str, str]:
        kept = self._storage
        return {
            "GENERATION_TABLE": kept.generation.table_name,
            "GENERATOR_SECRET": kept.generator.secret_arn,
            "WORK_BUCKET": kept.work.bucket_name,
        }

    def _terms(self) -> dict[str, str]:
        terms = self._environment
        return {
            "CALLS_PER_SECOND": str(terms.calls_per_second),
            "DAILY_BUDGET_USD": str(terms.daily_budget_usd),
            "PLATE_DAYS": str(terms.plate_days),
            "PRODUCT_BUDGET_USD": str(terms.product_budget_usd),
        }

    def _grant(self) -> None:
        kept = self._storage
        # What a fill model is shown is read by the address that the function signs.
        allow_reading(self.request, kept.work, "photos/", "plates/")
        for function in (self.request, *self.called.values()):
            kept.generator.grant_read(function)
            allow_jobs(function, kept.generation)
            allow_writing(function, kept.work, "plates/")
            allow_answering(function, machine=machine_name("enhance_photo", environment=self._environment))
        allow_finding_jobs(self.called["sweep_backgrounds"], kept.generation)

    def _sweep_every_few_minutes(self) -> None:
        aws_events.Rule(
            self,
            "Sweep",
            description="Look after backgrounds whose callback never came",
            schedule=aws_events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
            targets=[
                aws_events_targets.LambdaFunction(
                    self.called["sweep_backgrounds"],
                    dead_letter_queue=DeadLetterQueue(self, "Unswept").queue,
                    event=aws_events.RuleTargetInput.from_object({}),
                    max_event_age=Duration.minutes(SWEEP_MINUTES),
                    retry_attempts=2,
                )
            ],
        )

    def _watch(self) -> None:
        stale = aws_cloudwatch.Metric(
            metric_name="StaleJobs",
            namespace="Packshot",
            dimensions_map={"environment": self._environment.name},
            period=Duration.minutes(SWEEP_MINUTES),
            statistic="Maximum",
        )
        Alarm(
            self,
            "BackgroundsStale",
            metric=stale,
            topic=self._storage.alarms,
            says="A background was asked for more than half an hour ago and has not come.",
        )
