"""The two kinds of array that images live in.

`Bytes` are sRGB or grey at the borders, `Floats` are float32 in [0, 1]; which colour space is meant
stands in the name of what holds them.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]


def floats(values: ArrayLike) -> Floats:
    """Return values as float32, uncopied where they are; what numpy and OpenCV return is typed wider."""
    return np.asarray(values, dtype=np.float32)
