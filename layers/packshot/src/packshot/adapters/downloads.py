"""Files that a generator made, fetched by a bare client: its own would show the file host our token."""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from packshot.errors import MissingObject, RetryLater, UnsafeDownload

HOST = "replicate.delivery"
LARGEST = 25_000_000
"""Bytes: a PNG of 4 megapixels has at most half of that."""
TIMEOUT = httpx.Timeout(15.0, connect=3.0)
_REDIRECTS = 3
_GONE = frozenset({403, 404, 410})

Resolve = Callable[[str, int], Iterable[str]]


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """Return the IP addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(entry[4][0]) for entry in found)


class AllowedDownloads:
    """Downloads from Replicate's file host, and from one more origin where one is configured (a fake's)."""

    def __init__(
        self,
        *,
        origin: str = "",
        transport: httpx.BaseTransport | None = None,
        resolve: Resolve = addresses_of,
        largest: int = LARGEST,
    ) -> None:
        self._origin = origin.rstrip("/")
        self._client = httpx.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )
        self._resolve = resolve
        self._largest = largest

    def close(self) -> None:
        """Hang up; a function never does, for it lives as long as its process."""
        self._client.close()

    def fetch(self, address: str) -> bytes:
        """Return a file; each redirect is looked at like the first address."""
        for _ in range(_REDIRECTS + 1):
            self._require_allowed(address)
            try:
                with self._client.stream("GET", address) as answer:
                    if answer.is_redirect:
                        address = urljoin(address, answer.headers.get("location", ""))
                        continue
                    return self._body(answer)
            except (httpx.InvalidURL, httpx.DecodingError, ValueError) as error:
                raise UnsafeDownload(f"the generator's file: {type(error).__name__}") from error
            except (httpx.TransportError, OSError) as error:
                raise RetryLater(f"the generator's file: {type(error).__name__}") from error
        raise UnsafeDownload("the generator's file is redirected again and again")

    def _body(self, answer: httpx.Response) -> bytes:
        if answer.status_code in _GONE:
            raise MissingObject(f"the generator's file is gone (status {answer.status_code})")
        if answer.status_code != httpx.codes.OK:
            raise RetryLater(f"the generator's file: status {answer.status_code}")
        found = bytearray()
        for part in answer.iter_bytes():
            found += part
            if len(found) > self._largest:
                raise UnsafeDownload(f"the generator's file has more than {self._largest} bytes")
        return bytes(found)

    def _require_allowed(self, address: str) -> None:
        """Take our own origin as it is, and of the file host only public addresses over TLS."""
        parts = _parts(address)
        if self._origin and f"{parts.scheme}://{parts.netloc}" == self._origin:
            return
        host = parts.hostname or ""
        is_theirs = host == HOST or host.endswith(f".{HOST}")
        if parts.scheme != "https" or not is_theirs or parts.username or parts.port not in {None, 443}:
            raise UnsafeDownload(f"{parts.scheme}://{host} is not where the generator keeps its files")
        if not all(ipaddress.ip_address(each).is_global for each in self._found(host)):
            raise UnsafeDownload(f"{host} leads to an address that is not public")

    def _found(self, host: str) -> Iterable[str]:
        try:
            return self._resolve(host, 443)
        except UnicodeError as error:
            raise UnsafeDownload("the generator's file is on a host whose name is none") from error
        except OSError as error:
            raise RetryLater(f"{host} cannot be resolved") from error


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise UnsafeDownload("what the generator says of its file is no address") from error
    return parts
