"""API keys: kept as hashes, compared in constant time."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from packshot.errors import DamagedArtifact

LONGEST = 256
"""Characters of a key that are looked at; a longer one is not hashed at all."""


class ApiKey(BaseModel):
    """A key's owner and its SHA-256 in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ApiKeys(BaseModel):
    """What the secret holds: `{"keys": [{"name": …, "sha256": …}]}`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    keys: tuple[ApiKey, ...] = ()


def read_keys(secret: str) -> Mapping[str, str]:
    """Return SHA-256 → name of a secret's text; `DamagedArtifact`, without the text, if it does not parse."""
    try:
        keys = ApiKeys.model_validate_json(secret).keys
    except ValidationError as error:
        raise DamagedArtifact(f"the secret of the API keys has {error.error_count()} faults") from None
    return {key.sha256: key.name for key in keys}


def owner_of(key: str, *, hashes: Mapping[str, str]) -> str | None:
    """Return the name of the key's owner, None if nobody has it.

    Every hash is compared, each in constant time, so the time tells neither which nor how much matched.
    """
    if not key or len(key) > LONGEST:
        return None
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    owners = [name for known, name in hashes.items() if hmac.compare_digest(known, digest)]
    return owners[0] if owners else None
