"""The report that ships, used until a fresher one is made."""

import functools
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
