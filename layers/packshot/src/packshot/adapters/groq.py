"""Posts read by a language model at Groq, in words of the closed vocabulary alone."""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from packshot.adapters.clients import PATIENCE, Patience, duration, number, retry_after
from packshot.adapters.groq_answers import MOST_POSTS, ReadingFormat, Understood
from packshot.errors import InterpreterFailed, RetryLater
from packshot.events import Cost, InterpreterName, Mention, Post
from packshot.ports import Deadline, Reading
from packshot.trends.vocabulary import Vocabulary

if TYPE_CHECKING:
    import groq

MODELS = ("openai/gpt-oss-20b", "openai/gpt-oss-120b")
"""Tried in this order; both have strict schemas. The next one is taken when one is retired."""
PRICES: Mapping[str, tuple[float, float]] = {
    "openai/gpt-oss-20b": (0.075, 0.30),
    "openai/gpt-oss-120b": (0.15, 0.60),
}
"""US dollars for a million tokens in and out (looked up 2026-11)."""
_DEAREST = (0.15, 0.60)
TIMEOUT_S = 30.0
LARGEST_REQUEST = 5_500
"""Tokens that a request has at most, answer aside: the free plan allows 8,000 a minute."""
_ANSWER_TOKENS = 4_000
_CHARACTERS_PER_TOKEN = 3.2
"""Fewer than English has, so that the estimate is never too low for it."""
_OVERHEAD = 12
_TRIES = 4
_SEEDS = 2
_TOO_LARGE = 413
_BUSY = frozenset({408, 409, 429, 498, 500, 502, 503, 504})
_RETIRED = frozenset({"model_decommissioned", "model_not_found"})


class Answers(Protocol):
    """Answers that were paid for."""

    def get(self, key: str) -> bytes | None:
        """Return an answer, None if there is none."""
        ...

    def put(self, key: str, body: bytes) -> None:
        """Keep an answer."""
        ...


def connect(api_key: str, *, url: str = "") -> "groq.Groq":
    """Return Groq's client without its own retries, which know no deadline; `url` is another server's."""
    import groq

    return groq.Groq(api_key=api_key, base_url=url or None, max_retries=0, timeout=TIMEOUT_S)


class _Retired(Exception):
    """The model is no longer there."""


class _Unusable(Exception):
    """The answer is cut off or no JSON; another seed may give a better one."""


class _TooLarge(Exception):
    """The request has more tokens than the plan takes at once."""


@dataclass(slots=True)
class _Spent:
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    price_usd: float = 0

    def cost(self) -> Cost:
        return Cost(
            requests=self.requests,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            price_usd=round(self.price_usd, 8),
        )


class GroqInterpreter:
    """One client for the life of the process; one policy of waiting, which knows the deadline."""

    name: InterpreterName = "groq"

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        client: "groq.Groq",
        answers: Answers,
        models: Sequence[str] = MODELS,
        patience: Patience = PATIENCE,
    ) -> None:
        self._format = ReadingFormat(vocabulary)
        self._client = client
        self._answers = answers
        self._ladder = tuple(models)
        self._models = list(models)
        self._sleep = patience.sleep
        self._clock = patience.clock
        self._free_at = 0.0
        self._tokens_left: float | None = None

    def read(self, posts: Sequence[Post], *, deadline: Deadline) -> Reading:
        """Return what each post speaks of, as the model says it and the vocabulary allows."""
        spent = _Spent()
        mentions: list[tuple[Mention, ...]] = []
        refused = 0
        stopped: Literal["", "failed", "busy"] = ""
        try:
            for part in self._parts([post.text for post in posts]):
                understood = self._read_part(part, spent, deadline)
                mentions += understood.mentions
                refused += understood.refused
        except (InterpreterFailed, RetryLater) as error:
            if not spent.price_usd:
                raise
            stopped = "busy" if isinstance(error, RetryLater) else "failed"
        return Reading(tuple(mentions), cost=spent.cost(), refused=refused, stopped=stopped)

    # --- batches ------------------------------------------------------------------------------------

    def _parts(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yield as many posts at once as the tokens of a request allow."""
        room = LARGEST_REQUEST - self._format.tokens
        part: list[str] = []
        used = 0.0
        for text in texts:
            tokens = tokens_in(text)
            if part and (used + tokens > room or len(part) >= MOST_POSTS):
                yield part
                part, used = [], 0.0
            part.append(text)
            used += tokens
        if part:
            yield part

    def _read_part(self, texts: list[str], spent: _Spent, deadline: Deadline) -> Understood:
        """Ask once for each content: an answer that was paid is kept under the hash of what was asked."""
        key = self._key(texts)
        kept = self._answers.get(key)
        if kept is not None:
            return self._format.understood(kept, posts=len(texts))
        try:
            answer = self._ask(texts, spent, deadline)
        except _TooLarge as error:
            if len(texts) == 1:
                return Understood([()], refused=0)
            half = len(texts) // 2
            del error
            first, second = (self._read_part(part, spent, deadline) for part in (texts[:half], texts[half:]))
            return Understood([*first.mentions, *second.mentions], first.refused + second.refused)
        understood = self._format.understood(answer, posts=len(texts))
        # What is kept is what was understood: an answer itself may hold words of a post.
        self._answers.put(key, self._format.written(understood))
        return understood

    def _key(self, texts: Sequence[str]) -> str:
        # The whole ladder, not what is left of it: an answer stays known when a model is retired.
        asked = json.dumps([self._format.version, self._ladder, list(texts)])
        return f"{hashlib.sha256(asked.encode()).hexdigest()}.json"

    # --- requests -----------------------------------------------------------------------------------

    def _ask(self, texts: list[str], spent: _Spent, deadline: Deadline) -> bytes:
        """Walk down the models as they are retired, and try another seed where an answer cannot be used."""
        while self._models:
            try:
                return self._ask_model(self._models[0], texts, spent, deadline)
            except _Retired:
                self._models.pop(0)
        raise InterpreterFailed("every model is retired")

    def _ask_model(self, model: str, texts: list[str], spent: _Spent, deadline: Deadline) -> bytes:
        for seed in range(_SEEDS):
            try:
                return self._sent(model, texts, seed=seed, spent=spent, deadline=deadline)
            except _Unusable:
                continue
        if len(texts) > 1:
            # Long answers are cut off; of half the posts it is half as long.
            raise _TooLarge
        raise InterpreterFailed("no usable answer")

    def _sent(self, model: str, texts: list[str], *, seed: int, spent: _Spent, deadline: Deadline) -> bytes:
        import groq

        for attempt in range(_TRIES):
            self._wait(deadline, tokens=self._format.tokens + sum(map(tokens_in, texts)))
            try:
                return self._answer(model, texts, seed=seed, spent=spent, deadline=deadline)
            except groq.APIStatusError as error:
                self._judge(error)
                self._rest(self._pause(error, attempt))
            except groq.APIConnectionError:
                # Time-outs too.
                self._rest(_backoff(attempt))
        raise InterpreterFailed("busy for too long")

    def _answer(self, model: str, texts: list[str], *, seed: int, spent: _Spent, deadline: Deadline) -> bytes:
        spent.requests += 1
        raw = self._client.chat.completions.with_raw_response.create(
            model=model,
            messages=self._format.messages(texts),
            response_format=self._format.response_format,
            temperature=0,
            seed=seed,
            reasoning_effort="low",
            include_reasoning=False,
            max_completion_tokens=_ANSWER_TOKENS,
            timeout=max(min(TIMEOUT_S, deadline.left()), 0.1),
        )
        self._note(raw.headers)
        try:
            completion: Any = raw.parse()
            choice, usage = completion.choices[0], completion.usage
            self._pay(spent, usage, model=model)
            content, finished = choice.message.content, choice.finish_reason
        except (AttributeError, IndexError, TypeError, ValueError):
            raise _Unusable from None
        if (
            finished != "stop"
            or not isinstance(content, str)
            or not self._format.is_answer(content, posts=len(texts))
        ):
            raise _Unusable
        return content.encode()

    def _judge(self, error: "groq.APIStatusError") -> None:
        """Raise what is not worth repeating."""
        body = error.body if isinstance(error.body, dict) else {}
        code = (
            str(body.get("error", body).get("code", "")) if isinstance(body.get("error", body), dict) else ""
        )
        if code in _RETIRED:
            raise _Retired from None
        if code == "json_validate_failed":
            raise _Unusable from None
        if error.status_code == _TOO_LARGE:
            raise _TooLarge from None
        if error.status_code not in _BUSY:
            raise InterpreterFailed(f"Groq answered {error.status_code}") from None

    def _pause(self, error: "groq.APIStatusError", attempt: int) -> float:
        headers = error.response.headers
        return retry_after(headers) if "retry-after" in headers else _backoff(attempt)

    def _pay(self, spent: _Spent, usage: Any, *, model: str) -> None:  # noqa: ANN401 - Groq's own
        price_in, price_out = PRICES.get(model, _DEAREST)
        spent.tokens_in += usage.prompt_tokens
        spent.tokens_out += usage.completion_tokens
        spent.price_usd += (usage.prompt_tokens * price_in + usage.completion_tokens * price_out) / 1e6

    # --- waiting ------------------------------------------------------------------------------------

    def _wait(self, deadline: Deadline, *, tokens: float) -> None:
        """Wait until a request of so many tokens may be sent; `RetryLater` if that is after the deadline."""
        short = self._tokens_left is not None and self._tokens_left < tokens
        seconds = max(self._free_at - self._clock(), 0) if short or self._tokens_left is None else 0
        if seconds >= deadline.left():
            raise RetryLater(f"Groq asks for {seconds:.0f} s, which are not left")
        if seconds:
            self._sleep(seconds)
        self._tokens_left = None if seconds else self._tokens_left

    def _note(self, headers: Mapping[str, str]) -> None:
        """Look at what an answer says of the next request: tokens are by the minute, requests by the day."""
        self._tokens_left = number(headers.get("x-ratelimit-remaining-tokens"))
        self._free_at = self._clock() + duration(headers.get("x-ratelimit-reset-tokens", ""))
        if number(headers.get("x-ratelimit-remaining-requests")) == 0:
            self._rest(duration(headers.get("x-ratelimit-reset-requests", "")))

    def _rest(self, seconds: float) -> None:
        self._free_at = self._clock() + seconds
        self._tokens_left = None


def tokens_in(text: str) -> float:
    """Return how many tokens a post has at most, its number and quotes included."""
    # What is not ASCII may be a token for each byte.
    return len(text.encode()) / (_CHARACTERS_PER_TOKEN if text.isascii() else 1) + _OVERHEAD


def _backoff(attempt: int) -> float:
    return float(random.uniform(0.5, 1) * 2**attempt)  # noqa: S311 - jitter, no secret
