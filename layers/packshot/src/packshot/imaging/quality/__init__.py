"""The judge: a composite against photo, matte and plate, by measures that a person can check."""

from packshot.imaging.quality.evidence import Evidence
from packshot.imaging.quality.judging import judge, measure
from packshot.imaging.quality.measures import MEASURES, Measure

__all__ = ["MEASURES", "Evidence", "Measure", "judge", "measure"]
