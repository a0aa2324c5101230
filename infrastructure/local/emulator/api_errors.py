"""Correction: what a function answers reaches the caller of an HTTP API as on AWS.

For an error MiniStack sends 502 with the function's stack trace, which no shop should come to rely on;
AWS sends a bare 500. An answer whose `body` is null (Powertools writes one for a redirect) ends MiniStack's
connection with an error of its own; on AWS it is an empty body.
"""

from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

_ANSWER = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}


def correct(lambda_svc: ModuleType) -> None:
    """Replace what makes an HTTP answer of a function's failure; throttling stays what it is."""
    answer = original(lambda_svc, "lambda_execute_result_to_api_proxy_response")

    def answer_to(result: dict[str, Any]) -> object:
        if result.get("error") and not result.get("throttle"):
            return _ANSWER, None
        shaped, fault = answer(result)
        if isinstance(shaped, dict) and shaped.get("body", "") is None:
            shaped = {**shaped, "body": ""}
        return shaped, fault

    replace(lambda_svc, "lambda_execute_result_to_api_proxy_response", answer_to)
