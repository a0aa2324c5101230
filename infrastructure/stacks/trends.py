"""What listens to shoppers: the functions, the order in which they are called, and the schedule."""

from aws_cdk import Duration, aws_lambda, aws_stepfunctions
from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.access import (
    allow_calling,
    allow_forgetting,
    allow_locking,
    allow_reading,
    allow_writing,
)
from infrastructure.constructs.dead_letter_queue import DeadLetterQueue
from infrastructure.constructs.outputs import show
from infrastructure.constructs.schedule import Schedule
from infrastructure.constructs.state_machine import StateMachine
from infrastructure.constructs.watch import Sayings, watch_errors, watch_machine
from infrastructure.environments import Environment
from infrastructure.stacks.storage import StorageStack
from infrastructure.stacks.working import WorkingStack
from layers.build import Target

_SPARE_SECONDS = 20
"""What a function keeps of its time for writing down what it has."""


class TrendsStack(WorkingStack):
    """On schedule, posts become a report, by which scenes are planned; no photo ever waits for one."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        target: Target,
        storage: StorageStack,
    ) -> None:
        """Make the functions, the machine, the schedule and the alarms."""
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            target=target,
            storage=storage,
            says="what listens to shoppers",
            layers=functions.READING,
        )
        self._functions = self._make_functions()
        self._grant()
        self._failed = DeadLetterQueue(self, "FailedRefreshes").queue
        self._machine = self._make_machine()
        Schedule(
            self,
            "Refresh",
            machine=self._machine,
            undelivered=self._failed,
            every=Duration.hours(environment.trends.every_hours),
            says="Makes a new report of what shoppers want",
        )
        self._watch()
        show(self, "RefreshTrendsArn", self._machine.state_machine_arn)
        show(self, "TrendsDeadLetterQueueUrl", self._failed.queue_url)

    def _make_functions(self) -> dict[str, aws_lambda.Function]:
        chosen, kept = self._environment.trends, self._storage
        bucket = {"TRENDS_BUCKET": kept.trends.bucket_name}
        keys = {"TREND_KEYS_SECRET": kept.trend_keys.secret_arn}
        settings: dict[str, dict[str, str]] = {
            "collect_posts": bucket
            | keys
            | {
                "LANGUAGE": chosen.language,
                "FEEDS": ",".join(chosen.feeds),
                "SUBREDDITS": ",".join(chosen.subreddits),
                "REDDIT_APPROVED": str(chosen.reddit_approved).lower(),
            },
            "interpret_trends": bucket
            | keys
            | {"INTERPRETER": chosen.interpreter, "GROQ_MODELS": ",".join(chosen.groq_models)},
            "publish_trends": bucket | {"EVENT_BUS": kept.bus.event_bus_name},
            "purge_source": bucket,
        }
        return {
            each.name: self._make_function(each, settings[each.name] | _limit(each))
            for each in functions.TRENDS
        }

    def _grant(self) -> None:
        """Let each step touch its own prefixes; only who interprets posts can read their words."""
        may, kept = self._functions, self._storage
        allow_reading(may["collect_posts"], kept.trends, "drops/", "cursors/")
        allow_writing(may["collect_posts"], kept.trends, "posts/", "pending/")
        allow_forgetting(may["collect_posts"], kept.trends, "posts/")
        allow_reading(may["interpret_trends"], kept.trends, "posts/", "tallies/", "answers/")
        allow_writing(may["interpret_trends"], kept.trends, "tallies/", "answers/")
        allow_forgetting(may["interpret_trends"], kept.trends, "posts/")
        allow_reading(may["publish_trends"], kept.trends, "tallies/", "pending/", "reports/")
        allow_writing(may["publish_trends"], kept.trends, "tallies/", "cursors/", "reports/")
        allow_forgetting(may["publish_trends"], kept.trends, "tallies/", "pending/")
        allow_reading(may["purge_source"], kept.trends, "tallies/", "reports/")
        allow_writing(may["purge_source"], kept.trends, "reports/")
        allow_forgetting(may["purge_source"], kept.trends, "")
        for name in ("collect_posts", "interpret_trends"):
            kept.trend_keys.grant_read(may[name])
        kept.bus.grant_put_events_to(may["publish_trends"])

    def _make_machine(self) -> aws_stepfunctions.StateMachine:
        table = self._storage.table
        sources = ", ".join(f"'{source}'" for source in self._environment.trends.sources)
        invoked = {f"{each.step}FunctionArn": self._functions[each.name] for each in functions.TRENDS}
        machine = StateMachine(
            self,
            "RefreshTrends",
            environment=self._environment,
            definition="refresh_trends",
            substitutions={name: function.function_arn for name, function in invoked.items()}
            | {
                "CatalogueTableName": table.table_name,
                "DeadLetterQueueUrl": self._failed.queue_url,
                "TrendSources": f"[{sources}]",
            },
        ).machine
        allow_calling(machine, invoked.values())
        allow_locking(machine, table)
        self._failed.grant(machine, "sqs:SendMessage")
        return machine

    def _watch(self) -> None:
        topic = self._storage.alarms
        watch_machine(
            self,
            machine=self._machine,
            failed=self._failed,
            topic=topic,
            says=Sayings(
                failed="A refresh of trends failed by a defect of ours; the last report stays, for a week.",
                timed_out="A refresh of trends took longer than an hour; look at the execution's last state.",
                waiting="Refreshes of trends that failed or never began wait in the dead-letter queue.",
            ),
        )
        watch_errors(self._functions, topic=topic)


def _limit(blueprint: functions.Blueprint) -> dict[str, str]:
    """Tell what waits for services how long it may."""
    if "trends" not in blueprint.layers:
        return {}
    return {"TIME_LIMIT_SECONDS": str(blueprint.timeout - _SPARE_SECONDS)}
