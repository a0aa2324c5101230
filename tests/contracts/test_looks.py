"""What every keeper of looks promises, in memory and in DynamoDB."""

import pytest

from packshot.adapters.looks import DynamoLooks
from packshot.errors import DamagedArtifact
from packshot.events import ReferenceLook
from packshot.ports import Looks
from packshot.testing.looks import MemoryLooks

SCOPE = "sku/MUG-1"


@pytest.fixture(params=["memory", "dynamo"])
def looks(request: pytest.FixtureRequest) -> Looks:
    """Return each keeper in turn."""
    return MemoryLooks() if request.param == "memory" else DynamoLooks(request.getfixturevalue("table"))


def look(photo: str, *, sequencer: str = "0A", chosen: bool = False) -> ReferenceLook:
    """Return the look of a photo."""
    return ReferenceLook(
        photo=photo, sequencer=sequencer, chosen=chosen, product=(0.2, 0.3, 0.4), colours=("#aa5533",)
    )


def test_the_first_stands(looks: Looks) -> None:
    """What comes later, or came earlier and is only now done, is matched to it."""
    first = look("MUG-1/front", sequencer="0B")
    assert looks.settle(first, scope=SCOPE) == first
    assert looks.settle(look("MUG-1/back", sequencer="0C"), scope=SCOPE) == first
    assert looks.settle(look("MUG-1/top", sequencer="0A"), scope=SCOPE) == first


def test_a_new_version_of_the_reference_stands(looks: Looks) -> None:
    """A reference that is photographed anew is the reference; its older version no more."""
    old, new = look("MUG-1/front"), look("MUG-1/front", sequencer="0A01")
    looks.settle(old, scope=SCOPE)
    assert looks.settle(new, scope=SCOPE) == new
    assert looks.settle(old, scope=SCOPE) == new
    assert looks.settle(new, scope=SCOPE) == new


def test_the_shops_choice_stands_over_the_first(looks: Looks) -> None:
    """And a later choice over an earlier one, never an earlier one that comes late."""
    looks.settle(look("MUG-1/front"), scope=SCOPE)
    hero = look("MUG-1/hero", sequencer="0C", chosen=True)
    assert looks.settle(hero, scope=SCOPE) == hero
    assert looks.settle(look("MUG-1/early", sequencer="0B", chosen=True), scope=SCOPE) == hero
    assert looks.settle(look("MUG-1/late", sequencer="0D"), scope=SCOPE) == hero
    latest = look("MUG-1/latest", sequencer="0D", chosen=True)
    assert looks.settle(latest, scope=SCOPE) == latest


def test_scopes_are_apart(looks: Looks) -> None:
    """A range and a product have looks of their own."""
    looks.settle(look("MUG-1/front"), scope=SCOPE)
    other = look("MUG-2/front")
    assert looks.settle(other, scope="range/ostvey/dawn") == other


def test_a_look_that_nobody_can_read_is_damaged(request: pytest.FixtureRequest) -> None:
    """What is not a look in the table is told, and matched to by nobody."""
    table = request.getfixturevalue("table")
    looks = DynamoLooks(table)
    looks.settle(look("MUG-1/front"), scope=SCOPE)
    looks._dynamo.update_item(  # noqa: SLF001 - the client of this very table
        TableName=table,
        Key={"pk": {"S": f"LOOK#{SCOPE}"}, "sk": {"S": "LOOK"}},
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": "{}"}},
    )
    with pytest.raises(DamagedArtifact, match="sku/MUG-1"):
        looks.settle(look("MUG-1/back"), scope=SCOPE)
