"""What is watched of functions and machines, everywhere alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, aws_lambda, aws_sns, aws_sqs, aws_stepfunctions
from constructs import Construct

from infrastructure.constructs.alarm import Alarm

_FIVE = Duration.minutes(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """What the person is told who is woken: an execution failed, took too long, or events wait unworked."""

    failed: str
    timed_out: str
    waiting: str


def watch_machine(
    scope: Construct,
    *,
    machine: aws_stepfunctions.StateMachine,
    failed: aws_sqs.IQueue,
    topic: aws_sns.ITopic,
    says: Sayings,
) -> None:
    """Ring for an execution that failed or timed out, and for what waits in the dead-letter queue."""
    waiting = failed.metric_approximate_number_of_messages_visible(period=_FIVE, statistic="Maximum")
    watched = {
        "ExecutionsFailed": (machine.metric_failed(period=_FIVE, statistic="Sum"), says.failed),
        "ExecutionsTimedOut": (machine.metric_timed_out(period=_FIVE, statistic="Sum"), says.timed_out),
        "EventsWaiting": (waiting, says.waiting),
    }
    for name, (metric, words) in watched.items():
        Alarm(scope, name, metric=metric, topic=topic, says=words)


def watch_errors(functions: Mapping[str, aws_lambda.Function], *, topic: aws_sns.ITopic) -> None:
    """Ring for functions that keep failing: one error is repeated and may have been a busy service."""
    for name, function in functions.items():
        Alarm(
            function,
            "Errors",
            metric=function.metric_errors(period=_FIVE, statistic="Sum"),
            topic=topic,
            above=10,
            says=f"{name} keeps raising errors; its log group has the stack trace.",
        )
