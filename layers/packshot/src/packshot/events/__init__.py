"""What travels between states, into records and out as events: references and small numbers, never images.

Every model is frozen and forbids unknown fields, so a typo in a state machine fails at the border.
Lengths are pixels and shares are in [0, 1] unless a field says otherwise; colours are sRGB `#rrggbb`.
"""

from packshot.events.base import (
    Category,
    Edge,
    Event,
    Generator,
    Hex,
    ImageRef,
    ObjectRef,
    Pixels,
    Share,
    Side,
)
from packshot.events.mattes import Box, Matte
from packshot.events.photos import Analysis, AnalyzedPhoto, Backdrop, Photo, Product, Upload
from packshot.events.records import (
    PhotoRecord,
    PhotoStatus,
    ProductPage,
    ProductSummary,
    PublishedImage,
    PublishedPhoto,
    RejectionNotice,
)
from packshot.events.requests import (
    AssessRequest,
    ComposeRequest,
    MaskRequest,
    PlanRequest,
    PublishRequest,
    RejectRequest,
    RenderRequest,
)
from packshot.events.scenes import (
    Candidate,
    Composite,
    Light,
    Palette,
    Placement,
    Plate,
    QualityReport,
    Scene,
    ScenePlan,
    Score,
    Shadow,
)
from packshot.events.trends import TrendItem, TrendReport

__all__ = [
    "Analysis",
    "AnalyzedPhoto",
    "AssessRequest",
    "Backdrop",
    "Box",
    "Candidate",
    "Category",
    "ComposeRequest",
    "Composite",
    "Edge",
    "Event",
    "Generator",
    "Hex",
    "ImageRef",
    "Light",
    "MaskRequest",
    "Matte",
    "ObjectRef",
    "Palette",
    "Photo",
    "PhotoRecord",
    "PhotoStatus",
    "Pixels",
    "Placement",
    "PlanRequest",
    "Plate",
    "Product",
    "ProductPage",
    "ProductSummary",
    "PublishRequest",
    "PublishedImage",
    "PublishedPhoto",
    "QualityReport",
    "RejectRequest",
    "RejectionNotice",
    "RenderRequest",
    "Scene",
    "ScenePlan",
    "Score",
    "Shadow",
    "Share",
    "Side",
    "TrendItem",
    "TrendReport",
    "Upload",
]
