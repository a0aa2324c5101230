"""Every fault as `application/problem+json` (RFC 9457), without a word of what is inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from packshot.entrypoint import logger
from packshot.errors import (
    InvalidPurchases,
    RefusedPurchases,
    RejectedPhoto,
    RetryLater,
    UnknownCursor,
    UnknownImage,
    UnknownProduct,
)
from packshot.storefront.answers import Fault, Problem

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 20
RETRY_SECONDS = "5"
NOT_TAKEN = "The request is not what this address takes."


@dataclass(frozen=True, slots=True)
class Rule:
    """How an error of ours is told outside."""

    status: HTTPStatus
    code: str
    detail: str


RULES: dict[type[Exception], Rule] = {
    UnknownProduct: Rule(HTTPStatus.NOT_FOUND, "unknown_product", "No product has this SKU."),
    UnknownImage: Rule(HTTPStatus.NOT_FOUND, "unknown_image", "The product has no image of this name."),
    UnknownCursor: Rule(
        HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_cursor", "Take the cursor from the page before, as it is."
    ),
    RetryLater: Rule(
        HTTPStatus.SERVICE_UNAVAILABLE, "retry_later", "A service behind this one is busy. Try again."
    ),
    UnicodeDecodeError: Rule(HTTPStatus.BAD_REQUEST, "not_json", "The body is not JSON in UTF-8."),
}
DEFECT = Rule(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", "Something went wrong on our side. It was noted.")


def problem_of(error: Exception) -> Problem:
    """Return what is told of an error; what nobody foresaw is logged and told as our own fault."""
    if isinstance(error, RejectedPhoto):
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, code=error.code, detail=error.reason)
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, RefusedPurchases):
        return _refused(error)
    if isinstance(error, InvalidPurchases):
        where, _, what = str(error).partition(": ")
        fault = Fault(where=f"body.{where}", what=what)
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, code="invalid", detail=NOT_TAKEN, faults=(fault,))
    rule = RULES.get(type(error))
    if rule is None:
        logger().exception("failed", exc_info=error)
        rule = DEFECT
    return _problem(rule.status, code=rule.code, detail=rule.detail)


def unauthorized() -> Problem:
    """Return what is told to who shows no key, or one that nobody has."""
    return _problem(
        HTTPStatus.UNAUTHORIZED, code="unauthorized", detail="Send a valid API key in the header x-api-key."
    )


def unsupported_media_type() -> Problem:
    """Return what is told to who sends anything but JSON."""
    return _problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, code="not_json", detail="Send the body as application/json."
    )


def not_json() -> Problem:
    """Return what is told to who sends a body that does not parse."""
    return _problem(HTTPStatus.BAD_REQUEST, code="not_json", detail="The body is not JSON.")


def too_large(largest: int) -> Problem:
    """Return what is told to who sends more than an invocation takes."""
    detail = f"A body may have {largest:,} bytes. Send the rest in another request."
    return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, code="too_large", detail=detail)


def too_many_fields(most: int) -> Problem:
    """Return what is told to who sends an object with more fields than any request has."""
    fault = Fault(where="body", what=f"An object has more than {most} fields.")
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, code="invalid", detail=NOT_TAKEN, faults=(fault,))


def wrong_address(*, allowed: Sequence[str]) -> Problem:
    """Return what is told of a path that is not there, or not with this method."""
    if allowed:
        detail = f"This address takes {', '.join(allowed)}."
        return _problem(HTTPStatus.METHOD_NOT_ALLOWED, code="method_not_allowed", detail=detail)
    detail = "This address does not exist; /openapi.json lists those that do."
    return _problem(HTTPStatus.NOT_FOUND, code="not_found", detail=detail)


def as_response(problem: Problem, *, headers: dict[str, str | list[str]] | None = None) -> Response[str]:
    """Return the problem as Powertools answers."""
    return Response(
        status_code=problem.status,
        content_type=MEDIA_TYPE,
        body=problem.model_dump_json(exclude_defaults=True),
        headers=_waiting(problem) | (headers or {}),
    )


def as_answer(problem: Problem) -> dict[str, Any]:
    """Return the problem as API Gateway takes it (payload 2.0)."""
    return {
        "statusCode": problem.status,
        "headers": {"Content-Type": MEDIA_TYPE, **_waiting(problem)},
        "body": problem.model_dump_json(exclude_defaults=True),
        "isBase64Encoded": False,
    }


def _waiting(problem: Problem) -> dict[str, str | list[str]]:
    busy = problem.status == HTTPStatus.SERVICE_UNAVAILABLE
    return {"Retry-After": RETRY_SECONDS} if busy else {}


def _problem(status: HTTPStatus, *, code: str, detail: str, faults: tuple[Fault, ...] = ()) -> Problem:
    return Problem(title=status.phrase, status=status, code=code, detail=detail, faults=faults)


def _invalid(errors: Sequence[Any]) -> Problem:
    """Return where and what, as pydantic says it: its words are about the input alone."""
    if any(error["type"] == "json_invalid" for error in errors):
        return _problem(HTTPStatus.BAD_REQUEST, code="not_json", detail="The body is not JSON.")
    faults = tuple(
        Fault(where=".".join(map(str, error["loc"])), what=str(error.get("msg", error["type"])))
        for error in errors[:MOST_FAULTS]
    )
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, code="invalid", detail=NOT_TAKEN, faults=faults)


def _refused(error: RefusedPurchases) -> Problem:
    faults = tuple(
        Fault(where=f"body.purchases.{problem.line - 1}.{problem.field}", what=problem.reason)
        for problem in error.problems[:MOST_FAULTS]
    )
    detail = "No row of this batch can be kept."
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, code="no_row_kept", detail=detail, faults=faults)
