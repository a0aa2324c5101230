"""Correction: what a caller of an HTTP API gets of a function's answer is what AWS would send.

Of an error that is a bare 500; MiniStack sends 502 with the stack trace, which no shop should come to rely
on. An answer may have no body at all (a redirect); MiniStack stumbles over it.
"""

from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace

_FAILURE = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}


def correct(lambda_svc: ModuleType) -> None:
    """Replace what makes an HTTP answer of a function's; throttling stays what it is."""
    answer = original(lambda_svc, "lambda_execute_result_to_api_proxy_response")

    def answer_to(result: dict[str, Any]) -> object:
        if result.get("error") and not result.get("throttle"):
            return _FAILURE, None
        shaped, error = answer(result)
        if isinstance(shaped, dict) and shaped.get("body", "") is None:
            shaped = {**shaped, "body": ""}
        return shaped, error

    replace(lambda_svc, "lambda_execute_result_to_api_proxy_response", answer_to)
