"""States that wait: Step Functions' task tokens."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from packshot.adapters.aws import client_config, error_code, translated

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_LATE = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
"""A state that waits no more: it was answered, timed out, or its execution has ended."""
_LONGEST_CAUSE = 32_000


class StepFunctionsTasks:
    """Answers to `.waitForTaskToken` states."""

    def __init__(self, client: "SFNClient | None" = None) -> None:
        self._states = client or boto3.client("stepfunctions", config=client_config())

    def succeed(self, token: str, output: str) -> bool:
        """Hand a state its answer."""
        return _is_taken(lambda: self._states.send_task_success(taskToken=token, output=output))

    def fail(self, token: str, *, error: str, cause: str) -> bool:
        """End a state with an error."""
        cut = cause[:_LONGEST_CAUSE]
        return _is_taken(lambda: self._states.send_task_failure(taskToken=token, error=error, cause=cut))

    def heartbeat(self, token: str) -> None:
        """Tell a state that its answer is on the way."""
        _is_taken(lambda: self._states.send_task_heartbeat(taskToken=token))


def _is_taken(send: Callable[[], object]) -> bool:
    """Say whether the state was still waiting."""
    try:
        with translated("task"):
            send()
    except ClientError as error:
        if error_code(error) in _LATE:
            return False
        raise
    return True
