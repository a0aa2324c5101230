"""Every set with a product in it looks as it looked."""

from pathlib import Path

import pytest

from packshot.events import ComposeRequest
from packshot.imaging.staging import Subject, stage
from packshot.imaging.studio import SETS, PlateRecipe
from tests.golden import assert_golden
from tests.products import Shape, drawn

GOLDEN = Path(__file__).parent / "golden"
SIDE = 160
SHAPES: dict[str, Shape] = {"paper_sweep": "stool", "linen_flat_lay": "slab"}
ANCHORS = {"linen_flat_lay": "lie", "plaster_wall": "hang"}


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_set_with_a_product_looks_as_it_looked(name: str, root: Path) -> None:
    """Light, texture, placement, shadow and mirror image, all at once."""
    case = "white" if name == "white_cove" else "trend"
    text = (root / "events" / "compose_image" / f"{case}.json").read_text(encoding="utf-8")
    request = ComposeRequest.model_validate_json(text)
    changes = {"set": name, "width": SIDE, "height": SIDE, "anchor": ANCHORS.get(name, "stand")}
    scene = request.scene.model_copy(update=changes)
    recipe = PlateRecipe.of(scene, attempt=0)
    plate = request.plate.model_copy(update={"floor": recipe.floor})
    product = drawn(SHAPES.get(name, "mug"), width=300, height=400)
    subject = Subject(photo=product.photo, cutout=product.cutout, matte=product.matte)
    staged = stage(subject, scene=scene, plate=plate, backdrop=recipe.render())
    assert_golden(staged.pixels, GOLDEN / f"scene-{name}.png")
