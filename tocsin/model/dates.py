"""Days, partial dates and instants, each written in one way only.

ISO 8601 calendar dates; partial dates and intervals are the part of EDTF (ISO 8601-2, level 0) that reports
and archives need: `2012`, `2012-11`, `2012-11-05`, and `start/end` of these.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

D = TypeVar("D", bound=date)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PART = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
# 12/02/2013, 12.2.13: days that mean one thing in Geneva and another in Washington.
_AMBIGUOUS = re.compile(r"(\d\d?)[./-](\d\d?)[./-](\d\d|\d{4})", re.ASCII)
# A year outside of these is a slip of the keyboard; inside, no calculation with days can overflow.
_YEARS = range(1800, 2200)


def parse_day(value: object) -> date:
    """`2013-02-12` as a date; anything that could be read in two ways is refused."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return _plausible(value, str(value))
    text = _shown(value)
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(f"{text} {_no_day(value)}; write year-month-day, such as 2013-02-12")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{text} is not a day of the calendar; correct the month or the day") from None
    return _plausible(day, value)


def _no_day(value: object) -> str:
    """What is wrong with something that does not look like a day."""
    found = _AMBIGUOUS.fullmatch(str(value))
    if found and int(found[1]) != int(found[2]) and int(found[1]) <= 12 and int(found[2]) <= 12:
        return "can be read as two different days"
    return "is not a date"


def _plausible(day: D, text: str) -> D:
    if day.year not in _YEARS:
        raise ValueError(f"'{text}' is of the year {day.year}, which can hardly be meant; correct the year")
    return day


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str | int | float | date) else "this"


def parse_instant(value: object) -> datetime:
    """`2013-03-22T00:01+01:00` as an instant in UTC; the zone must be written."""
    text = str(value)
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError(
            f"{_shown(value)} is not an instant; write date, time and zone, such as 2013-03-22T09:00+01:00"
        )
    if found[1] is None:
        raise ValueError(f"'{text}' has no time zone; add one, such as {text}Z or {text}+01:00")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not an instant of the calendar; correct the numbers") from None
    return _plausible(instant, text).astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A year, a month or a day, or an interval of these, kept as it was written.

    `text` is what the author wrote; `first` is the earliest day that it can mean, for sorting.
    """

    first: date
    text: str

    @classmethod
    def parse(cls, value: object) -> PartialDate:
        """Read `2012`, `2012-11`, `2012-11-05` or `2012-11-05/2012-11-12`; an integer is a year."""
        if isinstance(value, PartialDate):
            return value
        text = str(value)
        ends = text.split("/")
        if isinstance(value, bool) or not isinstance(value, str | int | date) or len(ends) > 2:
            raise ValueError(_partial_fault(value))
        spans = [_span(end, text) for end in ends]
        if spans[-1][1] < spans[0][0]:
            raise ValueError(f"'{text}' ends before it begins; exchange the two dates")
        return cls(first=spans[0][0], text=text)

    @property
    def parts(self) -> tuple[str, ...]:
        """The one or two ends, as written."""
        return tuple(self.text.split("/"))

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": ["string", "integer"], "description": "2012, 2012-11, 2012-11-05 or start/end"}


def _span(part: str, whole: str) -> tuple[date, date]:
    """The first and the last day that one date can mean."""
    found = _PART.fullmatch(part)
    if not found:
        raise ValueError(_partial_fault(whole))
    year, month, day = (int(number) if number else None for number in found.groups())
    try:
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise ValueError(f"'{whole}' is not in the calendar; correct the month or the day") from None
    _plausible(first, whole)
    last_month = month or 12
    return first, date(first.year, last_month, day or calendar.monthrange(first.year, last_month)[1])


def _partial_fault(value: object) -> str:
    return f"{_shown(value)} is not a date; write 2012, 2012-11, 2012-11-05 or start/end"


Day = Annotated[
    date,
    BeforeValidator(parse_day),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$", "description": "year-month-day"}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    WithJsonSchema({"type": "string", "description": "date, time and zone: 2013-03-22T09:00+01:00"}),
]
