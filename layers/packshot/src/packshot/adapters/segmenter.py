"""Networks that see the product: ONNX weights, and beside them how they want their input."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from packshot.errors import DamagedArtifact

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # it ships no types

NETWORKS = Path(__file__).with_name("networks")

_FAINT = 0.3

Channels = tuple[float, float, float]


class Network(BaseModel):
    """What an ONNX file is and wants: `side` pixels square, sRGB in [0, 1] less `mean`, over `std`.

    `white` is what is divided by to get there: U-2-Net was trained on photos divided by their brightest
    value, most others by 255. `activation` is applied to the output, and `stretch` spreads the answer
    over [0, 1] as networks trained without calibration are read. `file` lies beside the description.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern="^[A-Za-z0-9._-]+$")]
    file: Annotated[str, Field(pattern="^[A-Za-z0-9._-]+$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    side: Annotated[int, Field(ge=32, le=4096)]
    mean: Channels
    std: Channels
    white: Literal["brightest", "255"] = "255"
    output: Annotated[int, Field(ge=0)] = 0
    activation: Literal["none", "sigmoid"] = "none"
    stretch: bool = False
    license: str

    @classmethod
    def parse(cls, text: bytes, *, source: str) -> Self:
        """Parse a description; `DamagedArtifact` names its source if it is none."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise DamagedArtifact(f"{source} does not describe a network: {error}") from error

    @classmethod
    def shipped(cls, name: str) -> Self | None:
        """Return a network that we describe; None if it is not one of ours."""
        path = NETWORKS / f"{name}.json"
        return cls.parse(path.read_bytes(), source=path.name) if path.is_file() else None


class OnnxSegmenter:
    """A salient-object network on the CPU."""

    def __init__(self, network: Network, *, weights: Path) -> None:
        """Load weights that were checked before; `DamagedArtifact` if onnxruntime cannot run them."""
        self.name = network.name
        self._network = network
        self._session = _load(weights)
        self._input = self._session.get_inputs()[0].name

    def predict(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of product, (H, W) in [0, 1], for sRGB (H, W, 3)."""
        answer = self._session.run(None, {self._input: self._prepare(pixels)})[self._network.output]
        height, width = pixels.shape[:2]
        seen = self._read(np.squeeze(answer))
        return np.asarray(cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)

    def _prepare(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the image as the network wants it, (1, 3, side, side)."""
        side = self._network.side
        small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
        white = max(float(small.max()), 1) if self._network.white == "brightest" else 255.0
        scaled = (small / white - self._network.mean) / self._network.std
        return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)

    def _read(self, answer: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._network.activation == "sigmoid":
            # tanh does not overflow where exp would.
            answer = np.asarray(0.5 + 0.5 * np.tanh(answer / 2), dtype=np.float32)
        return _stretch(answer) if self._network.stretch else np.clip(answer, 0, 1)


def _stretch(answer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the answer over the whole of [0, 1], unless the network saw next to nothing."""
    low, high = float(answer.min()), float(answer.max())
    return np.clip((answer - low) / (high - low), 0, 1) if high - low > _FAINT else np.clip(answer, 0, 1)


def _load(weights: Path) -> "InferenceSession":
    from onnxruntime import InferenceSession, SessionOptions
    from onnxruntime.capi import onnxruntime_pybind11_state as refusals  # type: ignore[import-untyped]  # the same

    options = SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    # Threads that wait by spinning take the core from whoever would work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    _share_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    # A pattern is one block for all of a run's activations: 300 MB more in an arena that runs share.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return InferenceSession(os.fspath(weights), options, providers=["CPUExecutionProvider"])
    except (refusals.InvalidProtobuf, refusals.InvalidGraph, refusals.Fail, refusals.NotImplemented) as error:
        raise DamagedArtifact(f"{weights.name} is no network that onnxruntime can run: {error}") from error


@functools.cache
def _share_memory() -> None:
    """Let all networks of this process work in one arena, which grows by no more than is asked for.

    Without one, pages go back to the system after each layer, which costs a fifth of the time; with one
    for each network, growing by powers of two as is the default, hundreds of MB are never used.
    """
    import onnxruntime

    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    memory = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    growth = {
        "max_mem": 0,
        "arena_extend_strategy": 1,
        "initial_chunk_size_bytes": -1,
        "max_dead_bytes_per_chunk": 2**18,
    }
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg(growth))
