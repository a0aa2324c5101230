"""What each step is asked."""

from typing import Annotated

from pydantic import Field

from packshot.events.base import Event, ImageRef
from packshot.events.corrections import Correction
from packshot.events.mattes import Matte
from packshot.events.photos import Analysis, Photo, Upload
from packshot.events.scenes import Candidate, Composite, Plate, Scene


class MaskRequest(Event):
    """The question to MaskProduct."""

    photo: Photo
    working: ImageRef
    analysis: Analysis


class CorrectRequest(Event):
    """The question to CorrectPhoto."""

    photo: Photo
    working: ImageRef
    analysis: Analysis
    matte: Matte


class CorrectedPhoto(Event):
    """The answer of CorrectPhoto: what later steps take for the photo and its matte, and what was done.

    Where the correction changes nothing these are the images that came in.
    """

    working: ImageRef
    matte: Matte
    correction: Correction


class PlanRequest(Event):
    """The question to PlanScenes."""

    photo: Photo
    analysis: Analysis
    matte: Matte


class RenderRequest(Event):
    """The question to RenderStudio; `fallback` says why the studio stands in for another generator."""

    scene: Scene
    attempt: Annotated[int, Field(ge=0)] = 0
    fallback: str = ""


class ComposeRequest(Event):
    """The question to ComposeImage."""

    photo: Photo
    working: ImageRef
    matte: Matte
    scene: Scene
    plate: Plate


class AssessRequest(Event):
    """The question to AssessQuality; `attempt` counts from 0."""

    photo: Photo
    working: ImageRef
    matte: Matte
    scene: Scene
    composite: Composite
    attempt: Annotated[int, Field(ge=0)] = 0


class PublishRequest(Event):
    """The question to PublishImages."""

    photo: Photo
    working: ImageRef
    analysis: Analysis
    matte: Matte
    correction: Correction = Correction()
    candidates: tuple[Candidate, ...]
    execution: str


class RejectRequest(Event):
    """The question to RejectPhoto: the upload, and Step Functions' own words for the error."""

    upload: Upload
    error: str
    cause: str
