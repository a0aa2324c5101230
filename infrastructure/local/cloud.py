"""The local cloud: the synthesized template, standing on this machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

Progress = Callable[[str], None]


class CloudError(Exception):
    """The local cloud could not do what was asked; the message says what to do."""


class NoCloud(CloudError):
    """No local cloud runs in this state folder."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A running local cloud.

    `outputs` are the CloudFormation outputs of all stacks by their own names; `api_key` is valid for
    this start alone (only its hash is in the cloud); `logs` holds `server.log` and one `<function>.log` each.
    """

    endpoint: str
    region: str
    outputs: Mapping[str, str]
    api_url: str
    api_key: str = field(repr=False)
    state: Path
    logs: Path
    pid: int

    def session(self) -> "boto3.session.Session":
        """Return a session with the local cloud's credentials and region."""
        raise NotImplementedError

    def client(self, service: str, *, read_timeout_s: float = 70) -> Any:  # noqa: ANN401 (boto3's clients are made at run time)
        """Return a boto3 client of the local cloud."""
        raise NotImplementedError


def start(
    assembly: Path, *, state: Path, detached: bool = False, progress: Progress = lambda _message: None
) -> Cloud:
    """Stand the assembly up and return when it is deployed; it ends with this process unless `detached`.

    `CloudError` if one runs in this state folder already, if the server does not come up or a stack fails.
    """
    raise NotImplementedError


def attach(state: Path) -> Cloud:
    """Return the cloud that runs in this state folder, or raise `NoCloud`."""
    raise NotImplementedError


def stop(state: Path) -> None:
    """End the cloud of this state folder, its functions included; nothing happens if none runs."""
    raise NotImplementedError


@contextmanager
def running_cloud(
    assembly: Path, *, state: Path, progress: Progress = lambda _message: None
) -> Iterator[Cloud]:
    """Keep a cloud for as long as the block runs."""
    cloud = start(assembly, state=state, progress=progress)
    try:
        yield cloud
    finally:
        stop(state)
