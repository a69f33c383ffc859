"""Days and instants as text, each read in one way only: ISO 8601.

Nothing is imported for it but the calendar: a build with nothing to do reads `--at` too.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TypeVar

D = TypeVar("D", bound=date)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
# 12/02/2013, 12.2.13: days that mean one thing in Geneva and another in Washington.
_AMBIGUOUS = re.compile(r"(\d\d?)[./-](\d\d?)[./-](\d\d|\d{4})", re.ASCII)
# A year outside of these is a slip of the keyboard; inside, no calculation with days can overflow.
_YEARS = range(1800, 2200)


def parse_day(value: object) -> date:
    """`2013-02-12` as a date; anything that could be read in two ways is refused."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return plausible(value, str(value))
    text = shown(value)
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(f"{text} {_no_day(value)}; write year-month-day, such as 2013-02-12")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{text} is not a day of the calendar; correct the month or the day") from None
    return plausible(day, value)


def _no_day(value: object) -> str:
    """What is wrong with something that does not look like a day."""
    found = _AMBIGUOUS.fullmatch(str(value))
    if found and int(found[1]) != int(found[2]) and int(found[1]) <= 12 and int(found[2]) <= 12:
        return "can be read as two different days"
    return "is not a date"


def plausible(day: D, text: str) -> D:
    """The day, unless it is of a year that nobody means."""
    if day.year not in _YEARS:
        raise ValueError(f"'{text}' is of the year {day.year}, which can hardly be meant; correct the year")
    return day


def shown(value: object) -> str:
    """A value as a message names it."""
    return f"'{value}'" if isinstance(value, str | int | float | date) else "this"


def parse_instant(value: object) -> datetime:
    """`2013-03-22T00:01+01:00` as an instant in UTC; the zone must be written."""
    text = str(value)
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError(
            f"{shown(value)} is not an instant; write date, time and zone, such as 2013-03-22T09:00+01:00"
        )
    if found[1] is None:
        raise ValueError(f"'{text}' has no time zone; add one, such as {text}Z or {text}+01:00")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not an instant of the calendar; correct the numbers") from None
    return plausible(instant, text).astimezone(UTC)
