"""When something was bought, however a shop writes it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TOLERANCE: Final = timedelta(minutes=5)
"""By which a shop's clock may be ahead."""
NO_MOMENT = "this has to be a date in ISO 8601 or seconds since 1970"
BEFORE = "this is before 1970"
FUTURE = "this is in the future"
_UTC = (" UTC", " GMT")
_MICRO = timedelta(microseconds=1)
_SECOND = 1_000_000
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE]\+?\d+)?")
_DATE_DIGITS = 8
_UNITS = ((100_000_000, 10**11, _SECOND), (10**11, 10**14, 1_000), (10**14, 10**17, 1))
"""From, below, and microseconds of one: seconds since 1973, milliseconds, microseconds."""
_MOST_DIGITS = 20
_NANOSECONDS_FROM, _NANOSECONDS_TO = 10**17, 10**20


class NoMoment(ValueError):
    """A text that is no moment."""


def microseconds(moment: datetime) -> int:
    """Return microseconds since 1970; a moment without a zone is in UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // _MICRO


def parse_moment(text: str) -> int:
    """Return microseconds since 1970, UTC; `NoMoment` for what is neither ISO 8601 nor a number of seconds.

    Milli-, micro- and nanoseconds are told by their size, and 20230131 is a day. Without a zone it is UTC.
    """
    if text.isdecimal() or _NUMBER.fullmatch(text):
        return _of_number(text)
    for zone in ("", *_UTC):
        try:
            if text.endswith(zone):
                return microseconds(datetime.fromisoformat(text.removesuffix(zone)))
        except ValueError:
            continue
    raise NoMoment(NO_MOMENT)


def _of_number(text: str) -> int:
    digits = text.isdecimal() and text.isascii()
    if digits and len(text) == _DATE_DIGITS:
        try:
            return microseconds(datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC))
        except ValueError as error:
            raise NoMoment(NO_MOMENT) from error
    # More digits than a moment has are not worth counting.
    exact = int(text) if digits and len(text) <= _MOST_DIGITS else float(text)
    for since, below, unit in _UNITS:
        if since <= exact < below:
            return round(exact * unit)
    if _NANOSECONDS_FROM <= exact < _NANOSECONDS_TO:
        return int(exact) // 1_000
    # A number so small is a day of Excel's or a year, and no second since 1970 on which a shop was open.
    raise NoMoment(NO_MOMENT)
