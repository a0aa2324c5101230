"""The border of a Lambda function: JSON in, a checked model; a model out, JSON."""

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from packshot.errors import PackshotError
from packshot.events import Event

Question = TypeVar("Question", bound=Event)
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@functools.cache
def logger() -> Logger:
    """Return the process's logger; Powertools reads its level and service from the environment."""
    return Logger()


def entrypoint(question: type[Question]) -> Callable[[Callable[[Question], Event]], Handler]:
    """Make a Lambda handler of a function from one event model to another.

    A payload that does not parse is a defect of the state machine, so pydantic's error leaves as it is.
    """

    def decorate(function: Callable[[Question], Event]) -> Handler:
        @functools.wraps(function)
        def handler(payload: dict[str, Any], _context: object) -> dict[str, Any]:
            started = time.perf_counter()
            name = function.__module__
            try:
                answer = function(question.model_validate(payload)).model_dump(mode="json")
            except PackshotError as error:
                logger().warning("refused", function=name, error=type(error).__name__, detail=str(error))
                raise
            except Exception:
                logger().exception("failed", function=name)
                raise
            logger().info("answered", function=name, ms=round((time.perf_counter() - started) * 1e3))
            return answer

        return handler

    return decorate
