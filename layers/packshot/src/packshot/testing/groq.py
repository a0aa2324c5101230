"""Groq's chat completions on a real socket: models, rate headers; honest, or in an attacker's hands."""

import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from packshot.testing.server import Answered, Asked, PlayedServer
from packshot.trends.lexical import load_interpreter

API_KEY = "gsk_of_nobody"
_WORDS = re.compile(r"\S+")

Reader = Callable[[Sequence[str]], object]
"""Returns what the model says of these texts."""


def honest(texts: Sequence[str]) -> object:
    """Return labels as a careful reader would give them."""
    interpreter = load_interpreter()
    return {
        "posts": [
            {"n": at, "labels": [mention.model_dump() for mention in interpreter.mentions(text)]}
            for at, text in enumerate(texts, 1)
        ]
    }


def obedient(texts: Sequence[str]) -> object:
    """Return what the posts want: their words as ids, beside numbers, fields and posts nobody asked for."""
    spoken = [_WORDS.findall(text) for text in texts]
    labels = [_bent(text, words) for text, words in zip(texts, spoken, strict=True)]
    posts: list[object] = [
        {"n": at, "labels": each, "reason": texts[at - 1]} for at, each in enumerate(labels, 1)
    ]
    posts += [{"n": -1, "labels": labels[0]}, {"n": "1", "labels": labels[0]}, texts[0], {"labels": texts[0]}]
    return {"posts": posts, "palette": texts[0], "system": texts}


def cunning(texts: Sequence[str]) -> object:
    """Return labels as a careful reader would give them, and beside them all that the posts want."""
    careful: Any = honest(texts)
    bent: Any = obedient(texts)
    for post, orders in zip(careful["posts"], bent["posts"], strict=False):
        orders["labels"] = post["labels"] + orders["labels"]
    return bent


def _bent(text: str, words: Sequence[str]) -> list[object]:
    labels: list[object] = [{"id": word, "stance": "for", "note": text} for word in words[:30]]
    return [
        *labels,
        {"id": text, "stance": text},
        {"id": " ".join(words[:3]), "stance": "for"},
        text,
        None,
        7,
    ]


class PlayedGroq(PlayedServer):
    """`retired` models answer as Groq answers for them; `read` is what the others say."""

    def __init__(
        self, *, read: Reader = honest, retired: Collection[str] = (), tokens_left: int = 240_000
    ) -> None:
        super().__init__()
        self.read = read
        self.retired = set(retired)
        self.tokens_left = tokens_left
        self.requests_left = 499_000
        self.models: list[str] = []

    @staticmethod
    def busy(retry_after: str) -> Answered:
        """Return what it says to who is over the limit of the minute."""
        error = {
            "message": "Rate limit reached. Please try again in 5.289s.",
            "type": "tokens",
            "code": "rate_limit_exceeded",
        }
        return Answered.json({"error": error}, status=429, headers={"Retry-After": retry_after})

    @staticmethod
    def refused_json() -> Answered:
        """Return what it says when the model broke the schema."""
        error = {
            "message": "Failed to validate JSON.",
            "type": "invalid_request_error",
            "code": "json_validate_failed",
            "failed_generation": "{",
        }
        return Answered.json({"error": error}, status=400)

    @staticmethod
    def said(content: str, *, finish_reason: str = "stop") -> Answered:
        """Return an answer with this content, such as one that was cut off."""
        return _completion(
            content, model="openai/gpt-oss-20b", asked=1_000, finish_reason=finish_reason, headers={}
        )

    def answer(self, asked: Asked) -> Answered:
        """Answer like Groq."""
        if asked.path != "/openai/v1/chat/completions":
            return Answered.json(
                {"error": {"message": "Unknown request URL", "code": "unknown_url"}}, status=404
            )
        if asked.headers.get("authorization") != f"Bearer {API_KEY}":
            return Answered.json(
                {"error": {"message": "Invalid API Key", "code": "invalid_api_key"}}, status=401
            )
        body = json.loads(asked.body)
        self.models.append(body["model"])
        if body["model"] in self.retired:
            error = {
                "message": "The model has been decommissioned.",
                "type": "invalid_request_error",
                "code": "model_decommissioned",
            }
            return Answered.json({"error": error}, status=400)
        texts = [post["text"] for post in json.loads(body["messages"][-1]["content"])]
        tokens = len(asked.body) // 4
        self.tokens_left -= tokens
        headers = {
            "x-ratelimit-limit-requests": "500000",
            "x-ratelimit-limit-tokens": "250000",
            "x-ratelimit-remaining-requests": str(self.requests_left),
            "x-ratelimit-remaining-tokens": str(max(self.tokens_left, 0)),
            "x-ratelimit-reset-requests": "172.8ms",
            "x-ratelimit-reset-tokens": "2.5s",
        }
        return _completion(json.dumps(self.read(texts)), model=body["model"], asked=tokens, headers=headers)


def _completion(
    content: str, *, model: str, asked: int, headers: dict[str, str], finish_reason: str = "stop"
) -> Answered:
    used = {
        "prompt_tokens": asked,
        "completion_tokens": len(content) // 4,
        "total_tokens": asked + len(content) // 4,
    }
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": finish_reason,
    }
    return Answered.json(
        {
            "id": "chatcmpl-played",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": model,
            "choices": [choice],
            "usage": used,
        },
        headers=headers,
    )
