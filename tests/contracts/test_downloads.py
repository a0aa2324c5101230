"""Files come from where the generator keeps them, from nowhere else, and never too large."""

from collections.abc import Callable, Iterable

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from packshot.adapters.downloads import HOST, AllowedDownloads, addresses_of
from packshot.errors import MissingObject, RetryLater, UnsafeDownload

THEIRS = "https://replicate.delivery/xezq/abc/out-0.png"
Respond = Callable[[httpx.Request], httpx.Response]


def public(_host: str, _port: int) -> Iterable[str]:
    """Resolve to an address that anybody may reach."""
    return ("93.184.216.34",)


def downloads(
    respond: Respond, *, resolve: Callable[[str, int], Iterable[str]] = public, largest: int = 1000
) -> AllowedDownloads:
    """Return downloads whose file host answers like this."""
    return AllowedDownloads(transport=httpx.MockTransport(respond), resolve=resolve, largest=largest)


def test_a_file_of_the_generator_is_fetched_without_our_token() -> None:
    """The file host learns nothing about us."""
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"picture")

    assert downloads(respond).fetch(THEIRS) == b"picture"
    assert not {"authorization", "cookie"} & set(seen[0].headers)


@pytest.mark.parametrize(
    "address",
    [
        "http://replicate.delivery/a.png",
        "https://replicate.delivery.evil.example/a.png",
        "https://evilreplicate.delivery/a.png",
        "https://user@replicate.delivery/a.png",
        "https://replicate.delivery:8443/a.png",
        "https://169.254.169.254/latest/meta-data/",
        "http://localhost/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "",
        "https://[replicate.delivery/a.png",
        "https://replicate.delivery:99999/a.png",
        "https://replicate.delivery:x/a.png",
        "https://replicate.delivery/a\x00.png",
        "https://\ud800.replicate.delivery/a.png",
    ],
)
def test_an_address_elsewhere_is_not_asked(address: str) -> None:
    """Only the generator's host, over TLS, on its own port."""

    def respond(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("somebody was asked")

    with pytest.raises(UnsafeDownload):
        downloads(respond).fetch(address)


@pytest.mark.parametrize("found", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_not_asked(found: str) -> None:
    """A name of theirs with a private address is somebody else's doing."""
    with pytest.raises(UnsafeDownload, match="not public"):
        downloads(lambda _: httpx.Response(200), resolve=lambda *_: (found,)).fetch(THEIRS)


def test_a_name_that_is_none_is_not_asked() -> None:
    """A part of a host's name has at most 63 letters; the system's resolver would end the function."""
    with pytest.raises(UnsafeDownload, match="name is none"):
        downloads(lambda _: httpx.Response(200), resolve=addresses_of).fetch(
            f"https://{'a' * 64}.{HOST}/b.png"
        )


def test_one_private_address_among_public_ones_is_enough() -> None:
    """Nobody knows which of them would be asked."""
    both = ("93.184.216.34", "10.0.0.1")
    with pytest.raises(UnsafeDownload):
        downloads(lambda _: httpx.Response(200), resolve=lambda *_: both).fetch(THEIRS)


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "https://10.0.0.1/", "https://example.com/a.png"]
)
def test_a_redirect_elsewhere_is_not_followed(target: str) -> None:
    """What is allowed is asked of every step."""
    with pytest.raises(UnsafeDownload):
        downloads(lambda _: httpx.Response(302, headers={"location": target})).fetch(THEIRS)


def test_a_redirect_inside_their_host_is_followed() -> None:
    """They may keep files elsewhere in their own house."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.host == "replicate.delivery":
            return httpx.Response(302, headers={"location": "https://pbxt.replicate.delivery/b.png"})
        return httpx.Response(200, content=b"there")

    assert downloads(respond).fetch(THEIRS) == b"there"


def test_redirects_come_to_an_end() -> None:
    """A circle is left after three steps."""
    with pytest.raises(UnsafeDownload, match="again and again"):
        downloads(lambda _: httpx.Response(302, headers={"location": THEIRS})).fetch(THEIRS)


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    """The stream is left when the limit is passed, whatever its header said."""
    sent: list[int] = []

    def endless() -> Iterable[bytes]:
        for number in range(10_000):
            sent.append(number)
            yield b"x" * 500

    with pytest.raises(UnsafeDownload, match="more than 1000 bytes"):
        downloads(lambda _: httpx.Response(200, content=endless())).fetch(THEIRS)
    assert len(sent) < 10


@pytest.mark.parametrize(
    ("status", "expected"), [(404, MissingObject), (410, MissingObject), (500, RetryLater)]
)
def test_what_the_file_host_says_has_one_meaning(status: int, expected: type[Exception]) -> None:
    """A file that is gone does not come back; a host that is ill may get well."""
    with pytest.raises(expected):
        downloads(lambda _: httpx.Response(status)).fetch(THEIRS)


def test_a_body_that_is_not_packed_as_it_says_is_refused() -> None:
    """It would be no other the next time."""

    def respond(_request: httpx.Request) -> httpx.Response:
        raw = httpx.ByteStream(b"this is no gzip")
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=raw)

    with pytest.raises(UnsafeDownload):
        downloads(respond).fetch(THEIRS)


def test_our_own_fake_s_origin_is_allowed_where_it_is_named(httpserver: HTTPServer) -> None:
    """Only this origin, and a redirect from it to another private address is none of its."""

    def leads_away(_request: Request) -> Response:
        return Response("", 302, {"location": "http://127.0.0.1:9/secrets"})

    httpserver.expect_request("/files/a.png").respond_with_data(b"fake")
    httpserver.expect_request("/files/b.png").respond_with_handler(leads_away)
    allowed, strict = AllowedDownloads(origin=httpserver.url_for("")), AllowedDownloads()
    assert allowed.fetch(httpserver.url_for("/files/a.png")) == b"fake"
    with pytest.raises(UnsafeDownload):
        allowed.fetch(httpserver.url_for("/files/b.png"))
    with pytest.raises(UnsafeDownload):
        strict.fetch(httpserver.url_for("/files/a.png"))
    allowed.close()
    strict.close()


def test_no_proxy_of_the_environment_is_asked(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would see what we fetch, and resolve names by itself."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    httpserver.expect_request("/a.png").respond_with_data(b"there")
    allowed = AllowedDownloads(origin=httpserver.url_for(""))
    assert allowed.fetch(httpserver.url_for("/a.png")) == b"there"
    allowed.close()


def test_a_connection_that_breaks_is_worth_another_try() -> None:
    """A line that goes dead in the middle is no damaged picture."""

    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    with pytest.raises(RetryLater):
        downloads(respond).fetch(THEIRS)
