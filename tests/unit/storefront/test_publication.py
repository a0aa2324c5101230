"""What goes out, under which name."""

import json
from pathlib import Path

import pytest

from packshot.events import Candidate, PublishRequest, QualityReport, Score
from packshot.storefront.publication import image_name, select


@pytest.fixture(scope="module")
def request_(root: Path) -> PublishRequest:
    """Return a photo with two good scenes."""
    text = (root / "events" / "publish_images" / "two_scenes.json").read_text()
    return PublishRequest.model_validate(json.loads(text))


def judged(candidate: Candidate, *, passed: dict[str, bool]) -> Candidate:
    """Return the candidate with these verdicts."""
    scores = tuple(
        Score(name=name, value=0, threshold=0, rule="info" if name == "info" else "max", passed=fine)
        for name, fine in passed.items()
    )
    report = QualityReport(
        passed=all(passed.values()), verdict="give_up", attempt=0, scores=scores, reason="why"
    )
    return candidate.model_copy(update={"quality": report})


def test_names_say_photo_scene_and_rendition(request_: PublishRequest) -> None:
    """A shop can guess them; the cutout has no scene."""
    photo = request_.photo
    assert image_name(photo, scene="white", rendition="main", extension="jpg") == "front-white-main.jpg"
    assert image_name(photo, scene="cutout", rendition="cutout", extension="png") == "front-cutout.png"


def test_the_best_is_what_is_ranked_first(request_: PublishRequest) -> None:
    """Of what failed, what failed least; scores that only inform do not count."""
    white, trend = request_.candidates
    worse = judged(white, passed={"fidelity": True, "a": False, "info": True})
    better = judged(trend, passed={"fidelity": True, "a": True, "b": False})
    (chosen,) = select((worse, better), matte=request_.matte).candidates
    assert (chosen.scene, chosen.rank) == (better.scene, 1)


def test_of_equals_the_shops_first_is_taken(request_: PublishRequest) -> None:
    """The plan's order decides: white stands before trend."""
    equal = [judged(each, passed={"fidelity": True, "a": False}) for each in request_.candidates]
    (chosen,) = select(equal, matte=request_.matte).candidates
    assert chosen.scene == equal[0].scene


def test_without_candidates_a_person_looks(request_: PublishRequest) -> None:
    """A photo without any scene is not lost: its cutout waits for a person."""
    selection = select((), matte=request_.matte)
    assert (selection.candidates, selection.status) == ((), "needs_review")
    assert selection.reason
