"""All scores of a composite, and what they mean for it: pass, another seed, or give up."""

from typing import Literal

from packshot.events import QualityReport, Scene, Score
from packshot.imaging.quality.composition import judge_composition
from packshot.imaging.quality.evidence import Evidence, Shown
from packshot.imaging.quality.grounding import judge_grounding
from packshot.imaging.quality.measures import SEED_HELPS
from packshot.imaging.quality.occupancy import judge_occupancy
from packshot.imaging.quality.outline import judge_outline
from packshot.imaging.quality.product import judge_product


def measure(evidence: Evidence) -> tuple[Score, ...]:
    """Return every score of a composite; `DamagedArtifact` if the frame shows nothing of the photo."""
    shown = Shown.of(evidence)
    return (
        *judge_product(evidence, shown),
        *judge_outline(evidence, shown),
        *judge_grounding(evidence, shown),
        judge_occupancy(evidence),
        *judge_composition(evidence, shown),
    )


def judge(scores: tuple[Score, ...], *, scene: Scene, attempt: int, allowed: int) -> QualityReport:
    """Return the verdict: another seed only where it could help and attempts remain."""
    failed = [score for score in scores if not score.passed]
    helps = scene.name != "white" and all(score.name in SEED_HELPS for score in failed)
    verdict: Literal["pass", "retry", "give_up"] = "pass"
    if failed:
        verdict = "retry" if helps and attempt + 1 < allowed else "give_up"
    return QualityReport(
        passed=not failed,
        verdict=verdict,
        attempt=attempt,
        scores=scores,
        reason="; ".join(score.words for score in failed),
    )
