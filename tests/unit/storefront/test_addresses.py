"""Whose photo a key names, and what is said of keys that name none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import RejectedPhoto
from packshot.events import ObjectRef, Photo
from packshot.storefront.addresses import (
    PhotoAddress,
    is_no_photo,
    sidecar_of,
    version_hash,
    work_folder,
)

SAFE = set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_plain_key_is_its_own_name() -> None:
    """Folder and file name are SKU and photo."""
    assert PhotoAddress.parse("uploads/MUG-1/front.jpg") == PhotoAddress(sku="MUG-1", name="front")


@pytest.mark.parametrize(
    ("file", "start"),
    [
        ("a b.jpg", "a-b-"),
        ("a+b.jpg", "a-b-"),
        ("a%20b.jpg", "a-20b-"),
        ("UPPER.JPG", "upper-"),
        ("front.png", "front-"),
        ("Schöne Tasse.jpg", "schone-tasse-"),
        ("日本.png", "photo-"),
        ("emoji 👟.webp", "emoji-"),
        ('key with "quotes".jpg', "key-with-quotes-"),
        ("name;rm -rf.jpg", "name-rm-rf-"),
        ("%2e%2e%2fx.png", "2e-2e-2fx-"),
        ("no extension", "no-extension-"),
    ],
)
def test_other_names_become_slugs_with_a_hash(file: str, start: str) -> None:
    """Blanks, pluses, quotes and other scripts are fine in a file's name; the photo's is safe in a URL."""
    address = PhotoAddress.parse(f"uploads/x/{file}")
    assert address.name.startswith(start)
    assert len(address.name) == len(start) + 6
    assert set(address.name) <= SAFE


def test_names_that_look_alike_stay_apart() -> None:
    """No two files of a SKU share a name, or one photo would replace the other."""
    files = [
        "a b.jpg",
        "a+b.jpg",
        "a-b.jpg",
        "a-b.png",
        "A-B.jpg",
        "a_b.jpg",
        "a%20b.jpg",
        "a-b.JPG",
        "a-b.jpeg",
    ]
    names = {PhotoAddress.parse(f"uploads/x/{file}").name for file in files}
    assert len(names) == len(files)


@pytest.mark.parametrize(
    ("key", "piece"),
    [
        ("front.jpg", "front.jpg"),
        ("uploads/front.jpg", "front.jpg"),
        ("uploads/x/", "”"),
        ("uploads//front.jpg", "””"),
        ("uploads/../../etc/passwd.jpg", "“..”"),
        ("uploads/../passwd.jpg", "“..”"),
        ("uploads/./front.jpg", "“.”"),
        ("uploads/ünïcode/日本.png", "ünïcode"),
        ("uploads/a//b///c.jpg", "one too many"),
        ("uploads/x/y/front.jpg", "“y”"),
        ("uploads/x/.hidden.png", ".hidden.png"),
        ("uploads/x/..", "“..”"),
        ("uploads/trailing/ .png", "“ .png”"),
        (f"uploads/x/{'x' * 1000}.jpg", "1004 characters"),
        (f"uploads/{'x' * 65}/front.jpg", "1 to 64"),
        ("uploads/-x/front.jpg", "“-x”"),
        ("uploads/x y/front.jpg", "“x y”"),
        ("uploads/x/line\nbreak.jpg", "control"),
        ("uploads/x/nul\0.jpg", "control"),
    ],
)
def test_unreadable_keys_are_refused_by_the_piece_at_fault(key: str, piece: str) -> None:
    """The reason quotes what to rename, on one line, and shows how keys look."""
    with pytest.raises(RejectedPhoto) as refusal:
        PhotoAddress.parse(key)
    assert refusal.value.code == "unreadable_key"
    assert piece.replace("”", "", 1) in refusal.value.reason
    assert "uploads/<sku>/<name>.jpg" in refusal.value.reason
    assert "\n" not in refusal.value.reason
    assert len(refusal.value.reason) < 300


@given(st.text(max_size=200))
def test_any_key_is_read_or_refused(key: str) -> None:
    """No key breaks the reader, and what it reads is safe in keys and URLs."""
    for candidate in (key, f"uploads/{key}", f"uploads/sku/{key}"):
        try:
            address = PhotoAddress.parse(candidate)
        except RejectedPhoto:
            address = PhotoAddress.of_unreadable(candidate)
        assert set(address.name) <= SAFE
        assert 0 < len(address.name) <= 55
        assert "/" not in address.sku
        assert address.sku not in {"", ".", ".."}


def test_unreadable_photos_have_an_address_too() -> None:
    """Their records lie together, one for each key."""
    one, other = PhotoAddress.of_unreadable("../x"), PhotoAddress.of_unreadable("../y")
    assert one.sku == other.sku == "unsorted"
    assert one.name != other.name
    assert one == PhotoAddress.of_unreadable("../x")


@pytest.mark.parametrize(
    ("key", "sidecar"),
    [
        ("uploads/x/a.jpg", "uploads/x/a.json"),
        ("uploads/x/a.b.png", "uploads/x/a.b.json"),
        ("uploads/x/a", "uploads/x/a.json"),
    ],
)
def test_the_sidecar_has_the_photos_stem(key: str, sidecar: str) -> None:
    """`front.json` lies beside `front.jpg`."""
    assert sidecar_of(key) == sidecar


@pytest.mark.parametrize(
    ("key", "verdict"), [("uploads/x/a.json", True), ("uploads/x/", True), ("uploads/x/a.jpg", False)]
)
def test_sidecars_and_folders_are_no_photos(key: str, verdict: bool) -> None:  # noqa: FBT001 - a table's column
    """They arrive as events like photos do, and are nobody's fault."""
    assert is_no_photo(key) is verdict


def test_each_version_works_in_a_folder_of_its_own() -> None:
    """A photo uploaded anew never meets what was made of the old one."""
    source = ObjectRef(bucket="b", key="uploads/x/a.jpg", version="1")
    photo = Photo(sku="x", name="a", source=source)
    newer = photo.model_copy(update={"source": source.model_copy(update={"version": "2"})})
    assert work_folder(photo) == f"photos/x/a/{version_hash(source)}"
    assert len(version_hash(source)) == 12
    assert work_folder(photo) != work_folder(newer)
