"""Where things stand in the repository and on this machine, and what they are called."""

from pathlib import Path

from infrastructure.environments import SANDBOX

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".packshot" / "cloud"
PHOTOS = ROOT / "tests" / "photos"
EVENTS = ROOT / "events"
FUNCTIONS = ROOT / "functions"
ENVIRONMENT = SANDBOX
"""The environment that stands on this machine."""


class Refused(Exception):
    """The command cannot be done as asked; the message says what to do instead."""
