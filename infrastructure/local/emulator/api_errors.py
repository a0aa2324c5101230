"""Correction: a function's error reaches the caller of an HTTP API as AWS's bare 500.

MiniStack sends 502 with the function's stack trace, which no shop should come to rely on.
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
        return answer(result)

    replace(lambda_svc, "lambda_execute_result_to_api_proxy_response", answer_to)
