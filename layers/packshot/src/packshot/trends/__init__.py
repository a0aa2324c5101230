"""What shoppers want now: the reports that scenes are planned by."""

from packshot.trends.default import current, load_default_report

__all__ = ["current", "load_default_report"]
