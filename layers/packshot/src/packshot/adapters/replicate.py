"""Replicate, through its own client, with what that client does wrong kept from happening.

- Its create has no time-out, and its parser breaks on statuses that it does not know (`aborted`): requests go
  through the client's own `_request`, with our time-outs, and the answer is read as JSON.
- A GET sleeps for as long as `Retry-After` says, up to an hour: a transport below it raises instead.
- POST is never repeated, by it or by us.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
from packshot.generation.predictions import is_same_input, quotable, read_prediction

if TYPE_CHECKING:
    from replicate.client import Client

    from packshot.ports import UrlSigner

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)
ADDRESS_SECONDS = 900
"""How long a generator can fetch what it draws around."""
MOST_PAGES = 40
"""Of a hundred predictions each, looked through for one that may have been started: between two sweeps
Replicate starts 3,000 at most."""
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
        body = {"input": self._inputs(order), **called_back}
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

        `RetryLater` where none is found and one may be there all the same: Replicate removes inputs after an
        hour, and nobody looks through more than `MOST_PAGES`.
        """
        model, wanted = model_named(order.model), self._inputs(order)
        is_unsure = False
        for listed in self._newest(since):
            if listed.prediction.model != f"{model.owner}/{model.model}":
                continue
            if is_same_input(listed.given, wanted):
                return listed.prediction
            is_unsure |= listed.is_removed
        if is_unsure:
            raise RetryLater("a prediction whose input has been removed may be the one")
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

    def _newest(self, since: datetime) -> "Iterator[_Listed]":
        path = "/v1/predictions"
        for _ in range(MOST_PAGES):
            with _looking("predictions"):
                page = _page(self._ask("GET", path).json())
            for listed in page.listed:
                created = listed.prediction.created_at
                if created is not None and created < since:
                    return
                yield listed
            if not page.following:
                return
            path = page.following
        raise RetryLater("more predictions were started than are looked through")

    def _inputs(self, order: Order) -> Inputs:
        """Return what the model is sent, and so what a prediction of this order is known by."""
        refs = {"image": order.image, "mask": order.mask}
        addresses = {
            name: self._signer.download_url(ref, seconds=ADDRESS_SECONDS) for name, ref in refs.items() if ref
        }
        inputs = model_named(order.model).inputs_for(order, addresses=addresses)
        return within(self._schema(order.model), inputs)

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
    raise GenerationFailed(
        f"the generator refused the order with status {status}: {quotable(said)}"
    ) from error


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


@dataclass(frozen=True, slots=True)
class _Listed:
    """A prediction in the account's list, and what it was given, as long as Replicate keeps that."""

    prediction: Prediction
    given: Mapping[str, Any]
    is_removed: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the account's predictions, newest first, and where the next one is."""

    listed: tuple[_Listed, ...]
    following: str


def _page(body: object) -> _Page:
    """Return a page of the list; `DamagedArtifact` if it is none."""
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise DamagedArtifact("a list of predictions without any")
    return _Page(tuple(_listed(entry) for entry in body["results"]), str(body.get("next") or ""))


def _listed(entry: object) -> _Listed:
    prediction = read_prediction(entry)
    fields: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    given = fields.get("input")
    return _Listed(prediction, given if isinstance(given, Mapping) else {}, bool(fields.get("data_removed")))


def _properties(model: object) -> Schema:
    """Return the rules of a model's input, nothing where it does not tell them."""
    found = model
    for name in ("latest_version", "openapi_schema", "components", "schemas", "Input", "properties"):
        found = found.get(name) if isinstance(found, Mapping) else None
    rules = found if isinstance(found, Mapping) else {}
    return {name: rule for name, rule in rules.items() if isinstance(rule, Mapping)}
