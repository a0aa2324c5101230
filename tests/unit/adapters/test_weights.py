"""Where weights come from: the cache that is named by content, and networks that an operator brings."""

import hashlib
import threading
from pathlib import Path

import pytest

from packshot.adapters import engines
from packshot.adapters.segmenter import Network
from packshot.adapters.weights import WeightsCache, open_plugged, open_shelved, open_stored
from packshot.errors import DamagedArtifact, MissingObject, MissingWeights
from packshot.events import ObjectRef
from packshot.testing.objects import MemoryObjects
from packshot.testing.segmenter import ColourSegmenter
from tests.products import drawn
from tests.unit.adapters.onnx_files import described, network

BUCKET = "packshot-test-weights"
BODY = b"weights" * 1000
SHA256 = hashlib.sha256(BODY).hexdigest()


class Counting(MemoryObjects):
    """A store that counts how often it is read, and lets readers in together."""

    def __init__(self, *, readers: int = 1) -> None:
        """Hold every reader until this many are there."""
        super().__init__()
        self.reads, self._gate = 0, threading.Barrier(readers)

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Read, and count."""
        self.reads += 1
        self._gate.wait(timeout=10)
        return super().read(ref, largest=largest)


def stored(objects: MemoryObjects, body: bytes = BODY, *, key: str = "a.onnx") -> ObjectRef:
    """Put weights into the bucket."""
    return objects.write(body, bucket=BUCKET, key=key, media_type="application/octet-stream")


def test_weights_are_fetched_once(tmp_path: Path) -> None:
    """The second asker, in this process or another, finds the file under its checksum."""
    objects = Counting()
    ref = stored(objects)
    first = WeightsCache(tmp_path, objects).fetch(ref, sha256=SHA256)
    second = WeightsCache(tmp_path, objects).fetch(ref, sha256=SHA256)
    assert first == second == tmp_path / SHA256
    assert first.read_bytes() == BODY
    assert objects.reads == 1


def test_a_damaged_copy_is_fetched_again(tmp_path: Path) -> None:
    """A cached file that is not what its name says is never used."""
    objects = Counting()
    ref = stored(objects)
    (tmp_path / SHA256).write_bytes(BODY[:-1])
    assert WeightsCache(tmp_path, objects).fetch(ref, sha256=SHA256).read_bytes() == BODY


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """The error says which object, both checksums and what to do; nothing is kept."""
    objects = MemoryObjects()
    ref = stored(objects, BODY + b"!")
    with pytest.raises(DamagedArtifact, match=rf"s3://{BUCKET}/a\.onnx has SHA-256 .* says {SHA256}: put"):
        WeightsCache(tmp_path, objects).fetch(ref, sha256=SHA256)
    assert list(tmp_path.iterdir()) == []


def test_missing_weights_are_told_apart(tmp_path: Path) -> None:
    """An object that is not there is no damage: another engine can do."""
    cache = WeightsCache(tmp_path, MemoryObjects())
    with pytest.raises(MissingWeights, match=f"s3://{BUCKET}/gone") as missing:
        cache.fetch(ObjectRef(bucket=BUCKET, key="gone"), sha256=SHA256)
    assert isinstance(missing.value.__cause__, MissingObject)


def test_askers_at_once_all_get_a_whole_file(tmp_path: Path) -> None:
    """Processes that share the folder may fetch at the same time; no partial file stays behind."""
    objects = Counting(readers=4)
    ref = stored(objects)
    found: list[bytes] = []

    def ask() -> None:
        found.append(WeightsCache(tmp_path, objects).fetch(ref, sha256=SHA256).read_bytes())

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert found == [BODY] * 4
    assert [path.name for path in tmp_path.iterdir()] == [SHA256]


def test_an_operators_network_needs_no_code(tmp_path: Path) -> None:
    """A description and an ONNX file in the bucket, and the standard engine looks with it and says so."""
    objects = MemoryObjects()
    stored(objects, network(), key="networks/mean.onnx")
    stored(objects, described(network()).model_dump_json().encode(), key="networks/mean.json")
    cache = WeightsCache(tmp_path, objects)
    engine = engines.open_engine(
        "standard",
        accurate=lambda: open_plugged("mean", bucket=BUCKET, cache=cache),
        light=ColourSegmenter,
    )
    estimate = engine.estimate(drawn("mug").photo)
    assert (engine.name, estimate.engine) == ("standard:mean", "standard:mean")
    assert estimate.alpha.shape == (400, 300)


@pytest.mark.parametrize("left_out", ["networks/mean.onnx", "networks/mean.json"])
def test_half_a_network_is_a_missing_one(tmp_path: Path, left_out: str) -> None:
    """What lacks its weights or its description is named by the object that is not there."""
    objects = MemoryObjects()
    files = {
        "networks/mean.onnx": network(),
        "networks/mean.json": described(network()).model_dump_json().encode(),
    }
    for key, body in files.items():
        if key != left_out:
            stored(objects, body, key=key)
    with pytest.raises(MissingWeights, match=left_out):
        open_plugged("mean", bucket=BUCKET, cache=WeightsCache(tmp_path, objects))


def test_our_weights_are_held_to_our_description(tmp_path: Path) -> None:
    """The deployment's asset is checked like any other."""
    objects = MemoryObjects()
    ref = stored(objects, b"something else", key="asset.onnx")
    ours = Network.shipped("u2net")
    assert ours is not None
    with pytest.raises(DamagedArtifact, match=ours.sha256):
        open_stored("u2net", at=ref, cache=WeightsCache(tmp_path, objects))


def test_a_shelf_is_checked_too(tmp_path: Path) -> None:
    """Weights in the layer, or in a checkout, are refused when they are others, and missed with a remedy."""
    with pytest.raises(MissingWeights, match=r"python -m layers\.weights u2netp"):
        open_shelved("u2netp", shelf=tmp_path)
    (tmp_path / "u2netp.onnx").write_bytes(b"half")
    with pytest.raises(DamagedArtifact, match=r"u2netp\.onnx has SHA-256"):
        open_shelved("u2netp", shelf=tmp_path)


def missing() -> ColourSegmenter:
    """Fail as a network whose weights are not there."""
    raise MissingWeights("s3://somewhere/u2net.onnx")


def damaged() -> ColourSegmenter:
    """Fail as a network whose weights are others."""
    raise DamagedArtifact("u2net.onnx has SHA-256 00")


@pytest.mark.parametrize(
    ("accurate", "light", "expected"),
    [
        (ColourSegmenter, ColourSegmenter, "standard:colour"),
        (missing, ColourSegmenter, "lite"),
        (missing, missing, "classic"),
        (ColourSegmenter, missing, "classic"),
    ],
)
def test_the_next_best_engine_stands_in(
    accurate: engines.Opener, light: engines.Opener, expected: str
) -> None:
    """Without its weights the standard engine is replaced, and each matte says why."""
    engine = engines.open_engine("standard", accurate=accurate, light=light)
    estimate = engine.estimate(drawn("mug").photo)
    assert engine.name == estimate.engine == expected
    stood_in = expected in {"lite", "classic"}
    assert bool(estimate.notes) is stood_in
    if stood_in:
        assert "standard engine's weights are not there (s3://somewhere/u2net.onnx)" in estimate.notes[0]


def test_damage_is_no_reason_to_go_on() -> None:
    """Wrong weights are somebody's mistake, or worse: nothing stands in for them."""
    with pytest.raises(DamagedArtifact):
        engines.open_engine("standard", accurate=damaged, light=ColourSegmenter)


def test_an_engine_asks_for_no_more_than_it_needs() -> None:
    """The lite engine never looks for large weights, the classic one for none."""
    assert engines.open_engine("lite", accurate=damaged, light=ColourSegmenter).name == "lite"
    assert engines.open_engine("classic", accurate=damaged, light=damaged).name == "classic"
