"""Replicate, through its own client, with what that client does wrong kept from happening.

- Its create has no time-out, and its parser breaks on statuses that it does not know (`aborted`): requests go
  through the client's own `_request`, with our time-outs, and the answer is read as JSON.
- A GET sleeps for as long as `Retry-After` says, up to an hour: a transport below it raises instead.
- POST is never repeated, by it or by us.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import httpx

from packshot.errors import (
    DamagedArtifact,
    GenerationFailed,
    GeneratorUnavailable,
    MissingObject,
    RetryLater,
    UncertainCall,
)
from packshot.events import Order, Prediction
from packshot.generation.models import Inputs, Schema, model_named, within
from packshot.generation.predictions import is_same_input, read_prediction

if TYPE_CHECKING:
    from replicate.client import Client

    from packshot.ports import UrlSigner

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)
LONGEST_CALL_SECONDS = 16
"""Connecting and every part of the answer together; a call that is older has ended one way or the other."""
ADDRESS_SECONDS = 900
"""How long a generator can fetch what it draws around."""
MOST_PAGES = 5
"""Of a hundred predictions each, looked through for one that may have been started."""
LONGEST_PAUSE = 120.0
_USUAL_PAUSE = 10.0
_REFUSED = frozenset({401, 402, 403})
_BUSY = frozenset({429, 503, 504})
_SERVER_FAULT = 500


class _Busy(httpx.TransportError):
    """A GET was told to come back; raised below the client, which would sleep here."""


class _Unrepeated(httpx.BaseTransport):
    """Passes on what a server says, but for the answers to a GET on which the client would sleep."""

    def __init__(self, wrapped: httpx.BaseTransport) -> None:
        self._wrapped = wrapped

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._wrapped.handle_request(request)
        if request.method == "GET" and response.status_code in _BUSY:
            response.close()
            raise _Busy(f"status {response.status_code}")
        return response

    def close(self) -> None:
        self._wrapped.close()


class ReplicateGenerator:
    """Predictions on Replicate's official models. `signer` shows the generator what it draws around."""

    def __init__(
        self,
        token: str,
        *,
        signer: "UrlSigner",
        base_url: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = _Unrepeated(transport or httpx.HTTPTransport())
        self._client = _client(token, base_url=base_url, transport=self._transport)
        self._signer = signer
        self._schemas: dict[str, Schema] = {}

    def close(self) -> None:
        """Hang up; a function never does, for it lives as long as its process."""
        self._transport.close()

    def create(self, order: Order, *, webhook: str) -> Prediction:
        """Start a prediction, with a deadline after which Replicate stops it."""
        model = model_named(order.model)
        called_back = {"webhook": webhook, "webhook_events_filter": ["completed"]} if webhook else {}
        body = {"input": within(self._schema(order.model), self._inputs(order)), **called_back}
        path = f"/v1/models/{model.owner}/{model.model}/predictions"
        with _asking():
            answer = self._ask(
                "POST", path, json=body, headers={"Cancel-After": f"{model.deadline_seconds}s"}
            )
            return _started(answer)

    def find(self, prediction: str) -> Prediction:
        """Return a prediction as it is now."""
        with _looking(prediction):
            return read_prediction(self._ask("GET", f"/v1/predictions/{prediction}").json())

    def search(self, order: Order, *, since: datetime) -> Prediction | None:
        """Look through the account's newest predictions for one with this very input.

        A prediction keeps its input for an hour, and nobody searches for an older one.
        """
        model, wanted = model_named(order.model), self._inputs(order)
        for entry in self._newest(since):
            is_ours = entry.get("model") == f"{model.owner}/{model.model}"
            if is_ours and isinstance(entry.get("input"), Mapping) and is_same_input(entry["input"], wanted):
                return read_prediction(entry)
        return None

    def cancel(self, prediction: str) -> None:
        """Stop a prediction; `MissingObject` if there is no such one."""
        with _looking(prediction):
            self._ask("POST", f"/v1/predictions/{prediction}/cancel")

    def webhook_secret(self) -> str:
        """Return what the account's webhooks are signed with."""
        with _looking("webhook secret"):
            found: str = self._ask("GET", "/v1/webhooks/default/secret").json()["key"]
        return found

    def _newest(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        path = "/v1/predictions"
        for _ in range(MOST_PAGES):
            with _looking("predictions"):
                page = self._ask("GET", path).json()
            for entry in page.get("results", []):
                if read_prediction(entry).created_at is not None and _moment(entry) < since:
                    return
                yield entry
            if not page.get("next"):
                return
            path = page["next"]

    def _inputs(self, order: Order) -> Inputs:
        refs = {"image": order.image, "mask": order.mask}
        addresses = {
            name: self._signer.download_url(ref, seconds=ADDRESS_SECONDS) for name, ref in refs.items() if ref
        }
        return model_named(order.model).inputs_for(order, addresses=addresses)

    def _schema(self, name: str) -> Schema:
        """Return what the model says of its input, asked once; nothing where it does not say."""
        if name not in self._schemas:
            model = model_named(name)
            try:
                with _looking(name):
                    found = self._ask("GET", f"/v1/models/{model.owner}/{model.model}").json()
            except (GeneratorUnavailable, MissingObject, RetryLater):
                # Our own ranges hold, and a call that should fail will say why itself.
                return {}
            self._schemas[name] = _properties(found)
        return self._schemas[name]

    def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own words
        answer: httpx.Response = self._client._request(method, path, **rest)  # noqa: SLF001 - the public ways parse (see above)
        return answer


def _client(token: str, *, base_url: str, transport: httpx.BaseTransport) -> "Client":
    try:
        from replicate.client import Client
    except Exception as error:  # the client raises pydantic's own errors on a Python it does not know
        raise GeneratorUnavailable(f"Replicate's client does not run here: {error}") from error
    return Client(
        api_token=token,
        base_url=base_url or "https://api.replicate.com",
        timeout=TIMEOUT,
        transport=transport,
    )


@contextmanager
def _asking() -> Iterator[None]:
    """Tell whether a paid call was taken, was not, or may have been."""
    from replicate.exceptions import ReplicateError

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise RetryLater(f"the generator cannot be reached ({type(error).__name__})") from error
    except (httpx.TransportError, DamagedArtifact, ValueError) as error:
        raise UncertainCall(f"the generator's answer was lost ({type(error).__name__})") from error
    except ReplicateError as error:
        _refuse(error.status or _SERVER_FAULT, said=error.detail or error.title or "", error=error)


def _refuse(status: int, *, said: str, error: Exception) -> NoReturn:
    if status in _REFUSED:
        why = {
            401: "the token is not valid",
            402: "the account has no credit",
            403: "the token may not do this",
        }
        raise GeneratorUnavailable(f"The generator refuses us: {why[status]}.") from error
    if status == 429:  # noqa: PLR2004 - RFC 6585
        raise RetryLater("the generator is throttling us", seconds=_pause(said)) from error
    if status >= _SERVER_FAULT:
        raise UncertainCall(f"the generator failed with status {status}") from error
    raise GenerationFailed(f"the generator refused the order with status {status}: {said[:200]}") from error


@contextmanager
def _looking(what: str) -> Iterator[None]:
    """Translate what goes wrong with calls that cost nothing."""
    from replicate.exceptions import ReplicateError

    try:
        yield
    except (httpx.TransportError, DamagedArtifact, ValueError) as error:
        raise RetryLater(f"{what}: {type(error).__name__}") from error
    except ReplicateError as error:
        if error.status == 404:  # noqa: PLR2004 - not found
            raise MissingObject(what) from error
        if error.status in _REFUSED:
            raise GeneratorUnavailable(f"the generator refuses us with status {error.status}") from error
        raise RetryLater(f"{what}: status {error.status}") from error


def _started(answer: httpx.Response) -> Prediction:
    return read_prediction(answer.json())


def _pause(said: str) -> float:
    """Return the seconds that a throttle asks for; Replicate tells them in its sentence alone."""
    found = re.search(r"resets in ~?(\d+)\s*s", said)
    return min(float(found.group(1)), LONGEST_PAUSE) if found else _USUAL_PAUSE


def _properties(model: Mapping[str, Any]) -> Schema:
    version = model.get("latest_version") or {}
    schemas = version.get("openapi_schema", {}).get("components", {}).get("schemas", {})
    found: Schema = schemas.get("Input", {}).get("properties", {})
    return found


def _moment(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["created_at"])
