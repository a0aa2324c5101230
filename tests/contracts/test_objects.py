"""What every store of objects promises, in memory and in S3."""

import json
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.adapters.objects import S3Objects, S3UrlSigner, decode_word, encode_word
from packshot.errors import MissingObject, OversizedObject, RetryLater
from packshot.events import ObjectRef
from packshot.ports import ObjectShelf, ObjectStack, ObjectStore
from packshot.testing.objects import MemoryObjects
from packshot.testing.server import Answered, Asked, PlayedServer

BUCKET = "packshot-contract"
HOSTILE_KEYS = ["uploads/a/b c.jpg", "uploads/a/b+c.jpg", "uploads/ü/😀 %2F'\"&.jpg", "k" * 1000]


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest) -> ObjectStore:
    """Return each store in turn."""
    if request.param == "memory":
        return MemoryObjects()
    request.getfixturevalue("bucket")
    return S3Objects()


def write(objects: ObjectStore, body: bytes, *, key: str = "a.png") -> ObjectRef:
    """Store some bytes under a key."""
    return objects.write(body, bucket=BUCKET, key=key, media_type="image/png")


def delete(objects: ObjectStore, key: str) -> None:
    """Remove an object as a person outside would."""
    if isinstance(objects, MemoryObjects):
        objects.delete(bucket=BUCKET, key=key)
    else:
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=key)


def test_each_version_can_be_read(objects: ObjectStore) -> None:
    """A reference reads its own version; one without a version reads the newest."""
    first, second = write(objects, b"one"), write(objects, b"two")
    assert first.version != second.version
    assert objects.read(first) == b"one"
    assert objects.read(ObjectRef(bucket=BUCKET, key="a.png")) == b"two"


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_keys_are_raw(objects: ObjectStore, key: str) -> None:
    """A key is what it is: nothing is quoted, decoded or cut."""
    ref = write(objects, b"body", key=key)
    assert ref.key == key
    assert objects.read(ref) == b"body"


def test_a_missing_object_is_told(objects: ObjectStore) -> None:
    """Reading, looking at and finding what is not there end in `MissingObject` or no."""
    nowhere = ObjectRef(bucket=BUCKET, key="nowhere")
    with pytest.raises(MissingObject, match="nowhere"):
        objects.read(nowhere)
    with pytest.raises(MissingObject):
        objects.metadata(nowhere)
    assert not objects.exists(bucket=BUCKET, key="nowhere")


def test_a_deleted_object_is_missing_but_its_version_is_not(objects: ObjectStore) -> None:
    """Deleting hides the key; a reference to the version still reads it."""
    ref = write(objects, b"kept")
    delete(objects, "a.png")
    assert not objects.exists(bucket=BUCKET, key="a.png")
    with pytest.raises(MissingObject):
        objects.read(ObjectRef(bucket=BUCKET, key="a.png"))
    assert objects.read(ref) == b"kept"


def test_an_oversized_object_is_not_read(objects: ObjectStore) -> None:
    """The cap is inclusive."""
    ref = write(objects, b"12345")
    assert objects.read(ref, largest=5) == b"12345"
    with pytest.raises(OversizedObject, match="5 bytes, 4"):
        objects.read(ref, largest=4)


def test_metadata_comes_back_decoded(objects: ObjectStore) -> None:
    """Names are lower case, values are text in any script."""
    said = {"Title": "Café crème 咖啡", "brand": "Nord & Sons", "price": "12.50"}
    ref = objects.write(b"x", bucket=BUCKET, key="m.jpg", media_type="image/jpeg", metadata=said)
    assert objects.metadata(ref) == {"title": "Café crème 咖啡", "brand": "Nord & Sons", "price": "12.50"}


@given(st.text(st.characters(codec="utf-8")) | st.just("=?UTF-8?B?QQ==?="))
def test_any_text_survives_a_header(text: str) -> None:
    """Encoding then decoding a metadata value gives it back, and the header is plain ASCII."""
    assert encode_word(text).isascii()
    assert decode_word(encode_word(text)) == text


@pytest.mark.parametrize("value", ["=?UTF-8?B?%%%?=", "=?nowhere?Q?a?=", "=?", "a=?b"])
def test_a_value_that_only_looks_encoded_is_kept(value: str) -> None:
    """A hostile header is text, not an error."""
    assert isinstance(decode_word(value), str)


def test_a_download_address_names_the_version_and_its_end(bucket: str) -> None:
    """A signed address is of this version, of this region's host, and ends."""
    url = urlsplit(
        S3UrlSigner().download_url(ObjectRef(bucket=bucket, key="a b.png", version="v1"), seconds=60)
    )
    query = parse_qs(url.query)
    assert url.hostname == f"{bucket}.s3.eu-central-1.amazonaws.com"
    assert unquote(url.path) == "/a b.png"
    assert query["versionId"] == ["v1"]
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_an_upload_form_binds_key_size_type_and_metadata(bucket: str) -> None:
    """What the policy does not name, S3 refuses."""
    form = S3UrlSigner().upload_form(
        bucket=bucket, key="uploads/s/a.jpg", metadata={"title": "Blé"}, largest=1000, seconds=60
    )
    conditions = json.loads(b64decode(form.fields["policy"]))["conditions"]
    assert {"key": "uploads/s/a.jpg"} in conditions
    assert {"bucket": bucket} in conditions
    assert ["content-length-range", 1, 1000] in conditions
    assert ["starts-with", "$Content-Type", "image/"] in conditions
    assert {"x-amz-meta-title": "=?UTF-8?B?QmzDqQ==?="} in conditions
    assert form.fields["x-amz-meta-title"] == "=?UTF-8?B?QmzDqQ==?="


def test_with_an_endpoint_of_its_own_s3_is_asked_by_path(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`AWS_ENDPOINT_URL` alone points presigned addresses at the local cloud."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    url = S3UrlSigner().download_url(ObjectRef(bucket=bucket, key="a.png"), seconds=60)
    form = S3UrlSigner().upload_form(bucket=bucket, key="k", metadata={}, largest=1, seconds=1)
    assert url.startswith(f"http://localhost:4566/{bucket}/a.png?")
    assert form.url == f"http://localhost:4566/{bucket}"


def test_keys_are_found_and_forgotten(objects: ObjectStore) -> None:
    """Keys are listed by how they begin, in order; what is removed is gone, and may be removed again."""
    shelf = cast("ObjectShelf", objects)
    for key in ("a/2", "a/1", "b/1"):
        write(objects, b"x", key=key)
    assert shelf.keys(bucket=BUCKET, prefix="a/") == ("a/1", "a/2")
    shelf.remove(bucket=BUCKET, keys=["a/1", "nowhere"])
    shelf.remove(bucket=BUCKET, keys=[])
    assert shelf.keys(bucket=BUCKET, prefix="") == ("a/2", "b/1")
    assert not objects.exists(bucket=BUCKET, key="a/1")


def test_what_could_not_be_removed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 answers 200 with a list of what is still there: words that nobody may keep do not count as gone."""

    class Reluctant(PlayedServer):
        def answer(self, asked: Asked) -> Answered:  # noqa: ARG002 - all alike
            fault = b"<Error><Key>a</Key><Code>InternalError</Code><Message>later</Message></Error>"
            return Answered(200, b"<DeleteResult>" + fault + b"</DeleteResult>")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    with Reluctant() as server:
        client = boto3.client("s3", endpoint_url=server.url, region_name="eu-central-1")
        with pytest.raises(RetryLater, match="InternalError"):
            S3Objects(client).remove(bucket=BUCKET, keys=["a", "b"])


def test_an_object_is_copied_into_a_file_and_its_content_named(objects: ObjectStore) -> None:
    """The same content has the same name, another one another; one that is too large is not fetched."""
    stack = cast("ObjectStack", objects)
    first, second = write(objects, b"a" * 3_000_000, key="one"), write(objects, b"b", key="two")
    copies = [BytesIO() for _ in range(3)]
    names = [
        stack.fetch(ref, into=copy, largest=3_000_000)
        for ref, copy in zip((first, first, second), copies, strict=True)
    ]
    assert [copy.getvalue() for copy in copies] == [b"a" * 3_000_000, b"a" * 3_000_000, b"b"]
    assert names[0] == names[1] != names[2]
    with pytest.raises(OversizedObject):
        stack.fetch(first, into=copies[0], largest=2_999_999)
    with pytest.raises(MissingObject):
        stack.fetch(ObjectRef(bucket=BUCKET, key="none"), into=copies[0], largest=9)


def test_a_transfer_that_breaks_off_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file is never taken for a whole one."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with half_sent() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        with pytest.raises(RetryLater):
            S3Objects().fetch(ObjectRef(bucket="b", key="k"), into=BytesIO(), largest=9_000)


@contextmanager
def half_sent() -> Iterator[str]:
    """Serve a hundred of a thousand bytes, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(
                    b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 1000\r\n\r\n' + b"a" * 100
                )

        serving = threading.Thread(target=answer)
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving.join()
