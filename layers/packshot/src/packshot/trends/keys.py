"""The keys of what posts are read from and by: one secret, empty until an operator fills it."""

from pydantic import BaseModel, ConfigDict, ValidationError

from packshot.errors import InvalidSettings


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class GroqKey(_Keys):
    """Empty: Groq is not asked."""

    api_key: str = ""


class RedditKey(_Keys):
    """An application of the kind `script` or `web`; empty: Reddit is not asked."""

    client_id: str = ""
    client_secret: str = ""

    @property
    def is_there(self) -> bool:
        """Say whether both halves are filled in."""
        return bool(self.client_id and self.client_secret)


class TrendKeys(_Keys):
    """The secret: `{"groq": {"api_key": "…"}, "reddit": {"client_id": "…", "client_secret": "…"}}`."""

    groq: GroqKey = GroqKey()
    reddit: RedditKey = RedditKey()


def read_trend_keys(text: str) -> TrendKeys:
    """Return the keys; `InvalidSettings`, without a word of them, for a secret that is no such table."""
    try:
        return TrendKeys.model_validate_json(text)
    except ValidationError as error:
        raise InvalidSettings(f"the secret of trends has {error.error_count()} faults") from None
