"""What an environment says of itself has to go together."""

from dataclasses import replace

import pytest

from infrastructure.environments import SANDBOX


def test_no_plate_is_shared_longer_than_it_is_kept() -> None:
    """A photo that was handed an expired file would end as a failure."""
    with pytest.raises(ValueError, match="lower plate_days or raise work_days"):
        replace(SANDBOX, plate_days=SANDBOX.work_days + 1)
