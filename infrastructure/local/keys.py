"""API keys: the cloud keeps their hashes, the owner the keys."""

import hashlib
import json
import secrets
from typing import TYPE_CHECKING

from infrastructure.local.places import Refused

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def make_key(name: str, *, client: "SecretsManagerClient", secret: str) -> str:
    """Add a key of this name to the secret and return it; `Refused` if the name is taken."""
    kept = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])["keys"]
    if any(entry["name"] == name for entry in kept):
        raise Refused(f"There is a key named {name!r} already; choose another name.")
    key = secrets.token_urlsafe(24)
    entry = {"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest()}
    client.put_secret_value(SecretId=secret, SecretString=json.dumps({"keys": [*kept, entry]}))
    return key
