"""Where networks' weights are found: in the inference layer, or in S3 by way of a content-addressed cache."""

import hashlib
import importlib.util
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packshot.adapters.segmenter import Network, OnnxSegmenter
from packshot.errors import DamagedArtifact, MissingObject, MissingWeights
from packshot.events import ObjectRef
from packshot.ports import ObjectStore

PLUGGED = "networks/"
"""The prefix under which an operator puts `<name>.json` and the ONNX file that it names."""

_CHECKOUT_SHELF = Path(__file__).parents[5] / "build" / "weights"


@dataclass(frozen=True, slots=True)
class WeightsCache:
    """Files named by their SHA-256, fetched once; several processes may share the folder."""

    folder: Path
    objects: ObjectStore

    @classmethod
    def of_this_machine(cls, objects: ObjectStore) -> "WeightsCache":
        """Return the cache that all processes of this machine share; on Lambda it lies in /tmp."""
        return cls(Path(tempfile.gettempdir()) / "packshot-weights", objects)

    def fetch(self, ref: ObjectRef, *, sha256: str) -> Path:
        """Return the path of an object with this checksum.

        `MissingWeights` if there is no such object, `DamagedArtifact` if it is another one.
        """
        path = self.folder / sha256
        if path.is_file() and _sha256(path) == sha256:
            return path
        try:
            body = self.objects.read(ref)
        except MissingObject as error:
            raise MissingWeights(f"s3://{ref.bucket}/{ref.key}") from error
        _require(hashlib.sha256(body).hexdigest(), sha256, what=f"s3://{ref.bucket}/{ref.key}")
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".fetch-") as folder:
            partial = Path(folder) / sha256
            partial.write_bytes(body)
            # A rename is atomic: who comes second replaces a whole file by the same whole file.
            return partial.replace(path)


def open_shelved(name: str, *, shelf: Path | None = None) -> OnnxSegmenter:
    """Open a network of ours from the inference layer; in a checkout, from where `layers.weights` puts it."""
    network = _described(name)
    path = (shelf or _shelf()) / network.file
    if not path.is_file():
        raise MissingWeights(f"{path}; `python -m layers.weights {name}` fetches it")
    _require(_sha256(path), network.sha256, what=path.name)
    return OnnxSegmenter(network, weights=path)


def open_stored(name: str, *, at: ObjectRef, cache: WeightsCache) -> OnnxSegmenter:
    """Open a network of ours whose weights lie in S3."""
    network = _described(name)
    return OnnxSegmenter(network, weights=cache.fetch(at, sha256=network.sha256))


def open_plugged(name: str, *, bucket: str, cache: WeightsCache) -> OnnxSegmenter:
    """Open a network that an operator put into the bucket; `DamagedArtifact` if its description is none."""
    description = ObjectRef(bucket=bucket, key=f"{PLUGGED}{name}.json")
    try:
        text = cache.objects.read(description)
    except MissingObject as error:
        raise MissingWeights(f"s3://{bucket}/{description.key}") from error
    network = Network.parse(text, source=description.key)
    at = ObjectRef(bucket=bucket, key=f"{PLUGGED}{network.file}")
    return OnnxSegmenter(network, weights=cache.fetch(at, sha256=network.sha256))


def _described(name: str) -> Network:
    network = Network.shipped(name)
    if network is None:
        raise MissingWeights(f"no network is called {name!r} here")
    return network


def _shelf() -> Path:
    """Return the folder of the weights: the package in the inference layer, else the checkout's."""
    package = importlib.util.find_spec("packshot_weights")
    return Path(package.origin).parent if package and package.origin else _CHECKOUT_SHELF


def _require(found: str, expected: str, *, what: str) -> None:
    if found != expected:
        raise DamagedArtifact(
            f"{what} has SHA-256 {found}, but the network's description says {expected}: put the described "
            f"file there, or the file's checksum into the description"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
