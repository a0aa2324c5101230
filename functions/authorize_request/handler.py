"""Let a request in that shows a key (HTTP API, payload 2.0, simple response)."""

from packshot import wiring
from packshot.entrypoint import entrypoint
from packshot.ports import KeyRing
from packshot.settings import AuthorizeRequestSettings
from packshot.storefront.authorization import AccessRequest, Verdict, verdict_on


def authorize_request(request: AccessRequest, *, keys: KeyRing) -> Verdict:
    """Say yes or no; only an unreadable secret is an error, which API Gateway answers with 500."""
    return verdict_on(request, hashes=keys.hashes())


@entrypoint(AccessRequest)
def handler(request: AccessRequest) -> Verdict:
    """Wire it."""
    settings = wiring.settings(AuthorizeRequestSettings)
    return authorize_request(request, keys=wiring.key_ring(settings.api_keys_secret))
