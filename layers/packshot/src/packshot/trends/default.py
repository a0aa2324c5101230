"""The report that ships, used until there is one of now."""

import functools
from datetime import datetime
from importlib import resources

from pydantic import ValidationError

from packshot.errors import DamagedArtifact
from packshot.events import TrendReport


@functools.cache
def load_default_report() -> TrendReport:
    """Return the editors' own report; `DamagedArtifact` if the file does not keep the schema."""
    text = resources.files("packshot.trends").joinpath("default_report.json").read_text(encoding="utf-8")
    try:
        return TrendReport.model_validate_json(text)
    except ValidationError as error:
        raise DamagedArtifact(f"default_report.json: {error}") from error


def current(report: TrendReport | None, *, now: datetime) -> tuple[TrendReport, str]:
    """Return the report to plan by, and why it is the one that ships: empty if it is not."""
    if report is None:
        return load_default_report(), "no report has been made yet"
    if now > report.holds_until:
        return load_default_report(), f"the last report is {(now - report.made_at).days} days old"
    return report, ""
