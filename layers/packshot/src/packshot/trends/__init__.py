"""What shoppers want now: the reports that scenes are planned by."""

from packshot.trends.default import load_default_report

__all__ = ["load_default_report"]
