"""Networks that see the product: ONNX weights, and beside them how they want their input."""

import hashlib
import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from packshot.errors import DamagedArtifact

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # it ships no types

NETWORKS = Path(__file__).with_name("networks")
SHIPPED = "u2netp"

_CHECKOUT_SHELF = Path(__file__).parents[5] / "build" / "weights"
_FAINT = 0.3

Channels = tuple[float, float, float]


class Network(BaseModel):
    """What an ONNX file is and wants: `side` pixels square, sRGB in [0, 1] less `mean`, over `std`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    side: Annotated[int, Field(ge=32, le=4096)]
    mean: Channels
    std: Channels
    output: Annotated[int, Field(ge=0)] = 0
    license: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a description; `DamagedArtifact` if it is none."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise DamagedArtifact(f"{path.name} does not describe a network: {error}") from error


class OnnxSegmenter:
    """A salient-object network on the CPU."""

    def __init__(self, network: Network, *, weights: Path) -> None:
        """Check the weights against the description's SHA-256 and load them; else `DamagedArtifact`."""
        self.name = network.name
        self._network = network
        self._session = _load(network, weights=weights)
        self._input = self._session.get_inputs()[0].name

    @classmethod
    def shipped(cls) -> Self:
        """Return the network of the inference layer; in a checkout, the one that `layers.weights` fetched."""
        network = Network.read(NETWORKS / f"{SHIPPED}.json")
        return cls(network, weights=_shelf() / network.file)

    def predict(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of product, (H, W) in [0, 1], for sRGB (H, W, 3).

        The answer is stretched to [0, 1], as the network was trained to be read, unless it saw nothing.
        """
        answer = self._session.run(None, {self._input: self._prepare(pixels)})[self._network.output]
        height, width = pixels.shape[:2]
        resized = cv2.resize(_stretch(np.squeeze(answer)), (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, dtype=np.float32)

    def _prepare(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the image as the network wants it, (1, 3, side, side)."""
        side = self._network.side
        small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
        # U-2-Net was trained on images divided by their brightest value, not by 255.
        scaled = (small / max(float(small.max()), 1) - self._network.mean) / self._network.std
        return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)


def _stretch(answer: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = float(answer.min()), float(answer.max())
    return np.clip((answer - low) / (high - low), 0, 1) if high - low > _FAINT else np.clip(answer, 0, 1)


def _shelf() -> Path:
    """Return the folder of the weights: the package in the inference layer, else the checkout's."""
    package = importlib.util.find_spec("packshot_weights")
    return Path(package.origin).parent if package and package.origin else _CHECKOUT_SHELF


def _load(network: Network, *, weights: Path) -> "InferenceSession":
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    # Threads that wait by spinning take the core from whoever would work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the largest activations for good: hundreds of MB for the same speed.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    model = _checked(weights, sha256=network.sha256)
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _checked(weights: Path, *, sha256: str) -> bytes:
    """Return the file's bytes; `DamagedArtifact` if it is not there or not the one described."""
    try:
        model = weights.read_bytes()
    except OSError as error:
        raise DamagedArtifact(f"no weights at {weights}: run `python -m layers.weights`") from error
    found = hashlib.sha256(model).hexdigest()
    if found != sha256:
        raise DamagedArtifact(f"{weights.name} has SHA-256 {found}, not {sha256}")
    return model
