"""Where the product is in the frame, and whether a white frame is white."""

from dataclasses import replace

import numpy as np

from packshot.events import Score
from packshot.imaging.quality import measures
from packshot.imaging.quality.evidence import Evidence, Shown

_BORDER = 0.015


def judge_composition(evidence: Evidence, shown: Shown) -> tuple[Score, ...]:
    """Return fill by the longest side, by box and by area, the smallest free margin and the centring."""
    width, height = evidence.fit.width, evidence.fit.height
    put, cut = evidence.placement.box, set(evidence.cut_edges)
    margins = {
        "left": put.x / width,
        "right": (width - put.x - put.width) / width,
        "top": put.y / height,
        "bottom": (height - put.y - put.height) / height,
    }
    free = [margin for edge, margin in margins.items() if edge not in cut]
    off = abs(margins["left"] - margins["right"]) / 2 if not cut & {"left", "right"} else 0.0
    covered = np.count_nonzero(shown.product.alpha > 127) / (width * height)
    scores = (
        _fill(evidence, share=max(put.width / width, put.height / height)),
        measures.FILL_BOX.score(put.width * put.height / (width * height)),
        measures.FILL_AREA.score(covered),
        measures.SCENE_AREA.score(1 - covered),
        measures.ENLARGEMENT.score(evidence.placement.scale),
        measures.MARGIN.score(min(free, default=1.0)),
        measures.CENTRING.score(off),
    )
    return (*scores, measures.WHITE_BORDER.score(_white_border(evidence))) if evidence.is_white else scores


def _fill(evidence: Evidence, *, share: float) -> Score:
    """Return the longest side's share, held to the plan's on white, where marketplaces ask for it."""
    if not evidence.is_white or evidence.cut_edges:
        return measures.FILL.told(share)
    return replace(measures.FILL, limit=evidence.scene.fill - 0.01).score(share)


def _white_border(evidence: Evidence) -> float:
    """Return the share of the frame's outer 1.5 % that is pure white; edges that cut do not count."""
    frame = evidence.composite
    rim = max(1, round(_BORDER * min(frame.shape[:2])))
    strips = {"top": frame[:rim], "bottom": frame[-rim:], "left": frame[:, :rim], "right": frame[:, -rim:]}
    counted = [strip.reshape(-1, 3) for edge, strip in strips.items() if edge not in evidence.cut_edges]
    return float((np.concatenate(counted) == 255).all(axis=1).mean()) if counted else 1.0
