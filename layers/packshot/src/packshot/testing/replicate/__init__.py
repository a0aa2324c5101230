"""A fake Replicate that speaks the wire protocol: jobs, prices, signed webhooks, faults, and pictures.

python -m packshot.testing.replicate      # on a socket of its own, until Ctrl-C
"""

from packshot.testing.replicate.faults import Mishap
from packshot.testing.replicate.server import FakeReplicate
from packshot.testing.replicate.service import Answer, Call, Pace, ReplicateService

__all__ = ["Answer", "Call", "FakeReplicate", "Mishap", "Pace", "ReplicateService"]
