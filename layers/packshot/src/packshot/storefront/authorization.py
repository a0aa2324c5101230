"""Who may ask the storefront API: an HTTP API's Lambda authorizer, payload 2.0."""

from collections.abc import Mapping

from pydantic import ConfigDict, Field

from packshot.events import Event
from packshot.storefront.keys import owner_of

KEY_HEADER = "x-api-key"


class AccessRequest(Event):
    """What of API Gateway's question matters; the rest is ignored, for it grows with every release."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    headers: Mapping[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key that the request shows, "" if it shows none."""
        lower = {name.lower(): value for name, value in self.headers.items()}
        return lower.get(KEY_HEADER, "")


class Client(Event):
    """Whose key it is; the API's access log and functions see it as `authorizer.client`."""

    client: str = ""


class Verdict(Event):
    """A simple response; its names are API Gateway's own."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    is_authorized: bool = Field(alias="isAuthorized")
    context: Client = Client()


def verdict_on(request: AccessRequest, *, hashes: Mapping[str, str]) -> Verdict:
    """Let in who shows a key that somebody has."""
    owner = owner_of(request.key, hashes=hashes)
    return Verdict(is_authorized=owner is not None, context=Client(client=owner or ""))
