"""The ONNX adapter on real onnxruntime: with a tiny network made here, and with ours."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from packshot.adapters.segmenter import Network, OnnxSegmenter
from packshot.adapters.weights import open_shelved
from packshot.errors import DamagedArtifact, MissingWeights
from tests.products import drawn
from tests.unit.adapters.onnx_files import described, network


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
    faint = described(network(), std=(10.0, 10.0, 10.0))
    assert OnnxSegmenter(faint, weights=weights).predict(spot(light=255)).max() < 0.2


def test_a_description_says_how_an_answer_is_read(weights: Path) -> None:
    """A network that answers with logits of photos over 255 needs no code of ours, just other words."""
    logits = described(network(), white="255", stretch=False, activation="sigmoid", mean=(0.5,) * 3)
    seen = OnnxSegmenter(logits, weights=weights).predict(spot(light=255))
    assert seen[45, 50] == pytest.approx(1 / (1 + np.exp(-0.5)), abs=1e-4)
    assert seen[45, 120] == pytest.approx(1 / (1 + np.exp(0.5)), abs=1e-4)


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    """A file that passes its checksum but is no ONNX file is told by its name."""
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(DamagedArtifact, match=r"mine\.onnx"):
        OnnxSegmenter(described(b"no network"), weights=path)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"name": "x"}', b"[1]"])
def test_a_broken_description_is_refused(text: bytes) -> None:
    """A plug-in's description that lacks a field is told by its file's name."""
    with pytest.raises(DamagedArtifact, match=r"mine\.json"):
        Network.parse(text, source="networks/mine.json")


@pytest.mark.parametrize("file", ["../u2net.onnx", "a/b.onnx", "s3://a/b"])
def test_weights_lie_beside_their_description(file: str) -> None:
    """A description cannot point elsewhere."""
    said = described(network()).model_dump() | {"file": file}
    with pytest.raises(DamagedArtifact, match="file"):
        Network.parse(json.dumps(said).encode(), source="mine.json")


@pytest.mark.parametrize("name", ["u2net", "u2netp"])
def test_our_networks_are_described(name: str) -> None:
    """The descriptions that ship parse, and their weights are the ones that are fetched."""
    from layers.weights import PUBLISHED

    ours = Network.shipped(name)
    assert ours is not None
    assert (ours.file, ours.sha256) == (PUBLISHED[name].file, PUBLISHED[name].sha256)


def test_other_names_are_not_ours() -> None:
    """Whoever asks for another network has to bring it."""
    assert Network.shipped("birefnet") is None


@pytest.mark.parametrize("name", ["u2net", "u2netp"])
def test_our_networks_see_a_product(name: str) -> None:
    """Each finds a drawn stool at first sight, and nothing in an empty picture."""
    try:
        segmenter = open_shelved(name)
    except MissingWeights:
        pytest.skip(f"the weights are not fetched: python -m layers.weights {name}")
    product = drawn("stool", width=600, height=800)
    seen, truth = segmenter.predict(product.photo) > 0.5, product.alpha > 127
    assert (seen & truth).sum() / (seen | truth).sum() > 0.8
    assert segmenter.predict(np.full((300, 300, 3), 200, dtype=np.uint8)).max() < 0.1
