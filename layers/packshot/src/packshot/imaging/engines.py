"""The ways to a matte. They differ in what they need and cost, and look alike to whoever asks.

| engine | needs | for |
|---|---|---|
| `Standard` | a network and a light one | every photo |
| `Lite` | a light network | bulk, or where the other's weights are missing |
| `Classic` | OpenCV | comparison, or where no network can be loaded |
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from packshot.imaging.arrays import Bytes
from packshot.imaging.backdrop import shrink
from packshot.imaging.classic import see_by_colour, see_by_cut, see_by_edges
from packshot.imaging.exposure import brighten_if_dark
from packshot.imaging.fusion import lowest_agreement
from packshot.imaging.matting import GUIDE_SIDE, Estimate, matte_from_views
from packshot.imaging.views import see_close, see_mirrored, see_whole, see_wide

if TYPE_CHECKING:
    from packshot.ports import Segmenter

_OF_ONE_MIND = 0.95


class Engine(Protocol):
    """What estimates mattes."""

    @property
    def name(self) -> str:
        """Return what stands in the record."""
        ...

    def estimate(self, photo: Bytes) -> Estimate:
        """Estimate the matte of an sRGB photo (H, W, 3); all 0 where nothing was found."""
        ...


@dataclass(frozen=True, slots=True)
class Standard:
    """A network that sees the whole and the product close up; a light one, which errs on other photos.

    Where their soft IoU is under 0.95, a wide view adds context; elsewhere it would change nothing.
    """

    accurate: "Segmenter"
    light: "Segmenter"
    name: str = "standard"

    def estimate(self, photo: Bytes) -> Estimate:
        """Estimate the matte from three or four views."""
        small, shown = shrink(photo, longest=GUIDE_SIDE), brighten_if_dark(photo)
        overview = shrink(shown, longest=GUIDE_SIDE)
        whole = see_whole(overview, by=self.accurate)
        views = [whole, see_close(shown, around=whole, by=self.accurate), see_whole(overview, by=self.light)]
        if lowest_agreement(views) < _OF_ONE_MIND:
            views.append(see_wide(overview, by=self.accurate))
        return matte_from_views(photo, small=small, views=views, engine=self.name)


@dataclass(frozen=True, slots=True)
class Lite:
    """A light network that sees the whole photo and its mirror image."""

    light: "Segmenter"
    name: str = "lite"

    def estimate(self, photo: Bytes) -> Estimate:
        """Estimate the matte from two views."""
        small = shrink(photo, longest=GUIDE_SIDE)
        overview = brighten_if_dark(small)
        views = see_whole(overview, by=self.light), see_mirrored(overview, by=self.light)
        return matte_from_views(photo, small=small, views=views, engine=self.name)


@dataclass(frozen=True, slots=True)
class Classic:
    """Edges, colour and a graph cut: what needs no network."""

    name: str = "classic"

    def estimate(self, photo: Bytes) -> Estimate:
        """Estimate the matte from the cut, and trust it as far as colour and edges agree with it."""
        small = shrink(photo, longest=GUIDE_SIDE)
        colour, edges = see_by_colour(small), see_by_edges(small)
        cut = see_by_cut(small, colour=colour, edges=edges)
        return matte_from_views(photo, small=small, views=(cut, colour, edges), engine=self.name)


@dataclass(frozen=True, slots=True)
class Substitute:
    """An engine in the place of another; `note` says why, in each of its mattes."""

    engine: Engine
    note: str

    @property
    def name(self) -> str:
        """Return the name of the engine that works."""
        return self.engine.name

    def estimate(self, photo: Bytes) -> Estimate:
        """Let the engine work, and add the note."""
        found = self.engine.estimate(photo)
        return replace(found, notes=(*found.notes, self.note))
