"""The ONNX adapter on real onnxruntime: with a tiny network made here, and with the one that ships."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from packshot.adapters.segmenter import NETWORKS, Network, OnnxSegmenter
from packshot.errors import DamagedArtifact
from tests.products import drawn


def field(number: int, value: bytes | int) -> bytes:
    """Return one field of a protocol buffer: a varint or a length-prefixed body."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """Return seven bits a byte, lowest first."""
    head = bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
    return head if value <= 0x7F else head + varint(value >> 7)


def tensor(name: bytes, *, channels: int, side: int) -> bytes:
    """Return a float input or output of the shape (1, channels, side, side)."""
    shape = b"".join(field(1, field(1, length)) for length in (1, channels, side, side))
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def network(*, side: int = 32) -> bytes:
    """Return an ONNX file (IR 8, opset 13) whose answer is the mean of the channels it is shown."""
    axes = field(1, b"axes") + field(20, 7) + field(8, 1)
    node = field(1, b"image") + field(2, b"mask") + field(4, b"ReduceMean") + field(5, axes)
    graph = field(1, node) + field(2, b"mean")
    graph += field(11, tensor(b"image", channels=3, side=side)) + field(
        12, tensor(b"mask", channels=1, side=side)
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 13))


def described(model: bytes, *, side: int = 32) -> Network:
    """Return the description of these weights, with a normalisation that changes nothing."""
    return Network(
        name="mean",
        file="mean.onnx",
        sha256=hashlib.sha256(model).hexdigest(),
        side=side,
        mean=(0, 0, 0),
        std=(1, 1, 1),
        license="Apache-2.0",
    )


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Return the path of a whole file."""
    path = tmp_path / "mean.onnx"
    path.write_bytes(network())
    return path


def spot(*, light: int) -> NDArray[np.uint8]:
    """Return a black picture with a rectangle of this grey, off centre."""
    pixels = np.zeros((90, 150, 3), dtype=np.uint8)
    pixels[30:60, 20:80] = light
    return pixels


def test_the_answer_has_the_photos_shape_and_fills_the_range(weights: Path) -> None:
    """Probabilities in [0, 1], where they belong, whatever the picture's brightest value is."""
    segmenter = OnnxSegmenter(described(network()), weights=weights)
    for light in (60, 255):
        seen = segmenter.predict(spot(light=light))
        assert seen.shape == (90, 150)
        assert seen.dtype == np.float32
        assert (seen.min(), seen.max()) == (0, 1)
        assert seen[45, 50] > 0.95
        assert seen[45, 120] < 0.05


def test_what_is_nothing_is_not_stretched(weights: Path) -> None:
    """A picture in which the network sees next to nothing does not become a product by stretching."""
    faint = described(network()).model_copy(update={"std": (10.0, 10.0, 10.0)})
    assert OnnxSegmenter(faint, weights=weights).predict(spot(light=255)).max() < 0.2


def test_other_weights_are_refused(weights: Path) -> None:
    """One byte off the description's SHA-256 and nothing is run."""
    expected = described(network())
    weights.write_bytes(network()[:-1] + b"\x0e")
    with pytest.raises(DamagedArtifact, match=expected.sha256):
        OnnxSegmenter(expected, weights=weights)


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    """A fresh checkout has none; the error names the command."""
    with pytest.raises(DamagedArtifact, match=r"layers\.weights"):
        OnnxSegmenter(described(network()), weights=tmp_path / "mean.onnx")


@pytest.mark.parametrize("text", ["", "{}", '{"name": "x"}', "[1]"])
def test_a_broken_description_is_refused(tmp_path: Path, text: str) -> None:
    """A plug-in's description that lacks a field is told by its file's name."""
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(DamagedArtifact, match=r"mine\.json"):
        Network.read(path)


def test_the_shipped_network_is_described() -> None:
    """The description that ships parses, and its weights are the ones that are fetched."""
    from layers.weights import PUBLISHED

    shipped = Network.read(NETWORKS / "u2netp.json")
    assert (shipped.file, shipped.sha256) == (PUBLISHED["u2netp"].file, PUBLISHED["u2netp"].sha256)


def test_the_shipped_network_sees_a_product() -> None:
    """U-2-Net's small network finds a drawn stool at first sight."""
    try:
        segmenter = OnnxSegmenter.shipped()
    except DamagedArtifact:
        pytest.skip("the weights are not fetched: python -m layers.weights")
    product = drawn("stool", width=600, height=800)
    seen, truth = segmenter.predict(product.photo) > 0.5, product.alpha > 127
    assert (seen & truth).sum() / (seen | truth).sum() > 0.8
    assert segmenter.predict(np.full((300, 300, 3), 200, dtype=np.uint8)).max() < 0.1
