"""Drawn products on the sets of a small studio, as the pipeline would stage them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packshot.events import ComposeRequest, Plate, Scene
from packshot.imaging.arrays import Bytes
from packshot.imaging.grading import graded
from packshot.imaging.staging import Staged, Subject, stage
from packshot.imaging.studio import Library, PlateRecipe
from tests.products import DrawnProduct

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Shot:
    """A composite, the plate it was made on, and what asked for it."""

    staged: Staged
    backdrop: Bytes
    scene: Scene
    plate: Plate

    @property
    def behind(self) -> Bytes:
        """Return the plate as it was graded for the product."""
        return graded(self.backdrop, self.staged.grade, seed=self.scene.seed)


def request(case: str = "trend") -> ComposeRequest:
    """Return a sample event of the composing step."""
    text = (ROOT / "events" / "compose_image" / f"{case}.json").read_text(encoding="utf-8")
    return ComposeRequest.model_validate_json(text)


def scene_of(name: str = "corner", *, side: int = 400, case: str = "trend", **changes: Any) -> Scene:  # noqa: ANN401 - any field of a scene
    """Return the sample scene on a set, at a size that tests can afford."""
    fields: dict[str, Any] = {"width": side, "height": side, **changes}
    if case != "white":
        fields["set"] = name
    return request(case).scene.model_copy(update=fields)


def shoot(
    product: DrawnProduct, *, scene: Scene, library: Library, light: str = "", backdrop: Bytes | None = None
) -> Shot:
    """Stage a product in a scene; a `light` by name takes the place of the nearest one."""
    recipe = PlateRecipe.of(scene, attempt=0, library=library)
    if light:
        recipe = recipe.model_copy(update={"light": light, "mirrored": False})
    pixels = recipe.render(library=library) if backdrop is None else backdrop
    plate = request("white" if scene.name == "white" else "trend").plate.model_copy(
        update={"floor": recipe.floor, "light": recipe.light, "mirrored": recipe.mirrored}
    )
    subject = Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)
    made = stage(subject, scene=scene, plate=plate, backdrop=pixels, library=library)
    return Shot(made, pixels, scene, plate)
