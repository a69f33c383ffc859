"""Days, partial dates and instants, each written in one way only.

ISO 8601 calendar dates; partial dates and intervals are the part of EDTF (ISO 8601-2, level 0) that reports
and archives need: `2012`, `2012-11`, `2012-11-05`, and `start/end` of these.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from tocsin.model.instants import parse_day, parse_instant, plausible, shown

_PART = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


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
    plausible(first, whole)
    last_month = month or 12
    return first, date(first.year, last_month, day or calendar.monthrange(first.year, last_month)[1])


def _partial_fault(value: object) -> str:
    return f"{shown(value)} is not a date; write 2012, 2012-11, 2012-11-05 or start/end"


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
