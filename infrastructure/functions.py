"""The Lambda functions of the house: what each is made of, before anything is synthesized."""

from dataclasses import dataclass
from pathlib import Path

from infrastructure.environments import Environment, Size
from layers.build import NAMES, Layer, Target, build, check_size, folder_size

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = ROOT / "functions"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A function's folder, the layers it imports from, how large it is and how long it may take (s).

    `rejects` functions raise `RejectedPhoto` by design, so their errors say nothing about their health.
    `scratch` is the room for files, in MiB.
    """

    name: str
    layers: tuple[str, ...]
    size: Size
    timeout: int
    rejects: bool = False
    scratch: int = 512

    @property
    def folder(self) -> Path:
        """Where the handler lies."""
        return FUNCTIONS / self.name

    @property
    def step(self) -> str:
        """The name of the state that calls it: MaskProduct for mask_product."""
        return "".join(word.title() for word in self.name.split("_"))

    def name_in(self, environment: Environment) -> str:
        """Return the function's name on AWS: packshot-sandbox-mask-product."""
        return f"packshot-{environment.name}-{self.name.replace('_', '-')}"


PIXELS = ("packshot", "imaging")
STUDIO = (*PIXELS, "sets")
BOUGHT = (*PIXELS, "generation")

# In order of flow. A photo's steps get a minute: they take a second, but a first call also loads 150 MiB.
WORKFLOW = (
    Blueprint("analyze_photo", layers=PIXELS, size="pixels", timeout=60, rejects=True),
    Blueprint("mask_product", layers=(*PIXELS, "inference"), size="network", timeout=60, rejects=True),
    Blueprint("correct_photo", layers=PIXELS, size="pixels", timeout=60),
    Blueprint("plan_scenes", layers=("packshot",), size="small", timeout=15),
    Blueprint("request_background", layers=BOUGHT, size="small", timeout=30),
    Blueprint("render_studio", layers=STUDIO, size="pixels", timeout=60),
    Blueprint("compose_image", layers=STUDIO, size="pixels", timeout=60),
    Blueprint("assess_quality", layers=PIXELS, size="pixels", timeout=60),
    Blueprint("publish_images", layers=PIXELS, size="pixels", timeout=120),
    Blueprint("reject_photo", layers=("packshot",), size="small", timeout=15),
)
READING = ("packshot", "trends")
# What reads outside services gets minutes: it waits where they say so, and stops by itself in time.
TRENDS = (
    Blueprint("collect_posts", layers=READING, size="small", timeout=300),
    Blueprint("interpret_trends", layers=READING, size="small", timeout=300),
    Blueprint("publish_trends", layers=("packshot",), size="small", timeout=120),
    Blueprint("purge_source", layers=("packshot",), size="small", timeout=300),
)
# What a file of purchases brings is written down in minutes; a longer file is continued by another run.
PREFERENCES = (
    Blueprint("record_purchases", layers=("packshot", "purchases"), size="pixels", timeout=900, scratch=4096),
)
# What the predictor's life is made of: a shop's purchases are read, models asked about its customers.
JUDGING = ("packshot", "arrays", "predictor")
TRAINING = (
    Blueprint("snapshot_purchases", layers=("packshot", "purchases", "arrays"), size="network", timeout=900),
    Blueprint("evaluate_model", layers=JUDGING, size="network", timeout=900),
    Blueprint("promote_model", layers=("packshot",), size="small", timeout=300),
    Blueprint("retire_model", layers=("packshot",), size="small", timeout=30),
    Blueprint("summarize_demand", layers=JUDGING, size="network", timeout=900),
)
# What a generator calls back, and what looks after callbacks that never came.
CALLBACKS = (
    Blueprint("receive_background", layers=(*BOUGHT, "inference"), size="pixels", timeout=28),
    Blueprint("sweep_backgrounds", layers=(*BOUGHT, "inference"), size="pixels", timeout=240),
)
# API Gateway waits 30 s for an answer and 10 s for an authorizer.
STOREFRONT = (
    Blueprint("storefront_api", layers=("packshot",), size="small", timeout=20),
    Blueprint("authorize_request", layers=("packshot",), size="small", timeout=8),
)
ALL = (*WORKFLOW, *CALLBACKS, *TRENDS, *PREFERENCES, *TRAINING, *STOREFRONT)
CALLBACKS_PATH = "/v1/callbacks"
"""Where the generator calls back, below the address of its API."""
MACHINES = {"enhance_photo": WORKFLOW, "refresh_trends": TRENDS, "train_preferences": TRAINING}
"""The functions that each state machine calls."""


def blueprint(name: str) -> Blueprint:
    """Return a function's blueprint; `KeyError` if there is no such function."""
    return {each.name: each for each in ALL}[name]


def unzipped_sizes(target: Target) -> dict[str, int]:
    """Return function → bytes of its code and layers, unzipped; `TooLarge` if one passes Lambda's limit."""
    layers = {name: build(name, target=target) for name in NAMES}
    sizes = {each.name: _unzipped_size(each, layers) for each in ALL}
    if target is Target.AWS:
        for name, size in sizes.items():
            check_size(name, size=size)
    return sizes


def _unzipped_size(function: Blueprint, layers: dict[str, Layer]) -> int:
    return folder_size(function.folder) + sum(layers[name].size for name in function.layers)
