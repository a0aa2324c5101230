"""One look from many photographers: a global, bounded, recorded correction, or none.

`correct` decides, `apply` does it, the same every time; `match` gives a photo the look of another one.
"""

from packshot.imaging.correction.applying import apply, curves
from packshot.imaging.correction.estimating import Wish, correct
from packshot.imaging.correction.matching import Look, look_of, match

__all__ = [
    "Look",
    "Wish",
    "apply",
    "correct",
    "curves",
    "look_of",
    "match",
]
