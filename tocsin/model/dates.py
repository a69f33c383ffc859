"""Days, partial dates and instants, each written in one way only.

ISO 8601 calendar dates; partial dates and intervals are the part of EDTF (ISO 8601-2, level 0) that reports
and archives need: `2012`, `2012-11`, `2012-11-05`, and `start/end` of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PART = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?")


def parse_day(value: object) -> date:
    """`2013-02-12` as a date; anything that could be read in two ways is refused."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = str(value)
    if not isinstance(value, str) or not _DAY.fullmatch(text):
        raise ValueError(f"'{text}' is not a date; write year-month-day, such as 2013-02-12")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a day of the calendar") from None


def parse_instant(value: object) -> datetime:
    """`2013-03-22T00:01+01:00` as an instant in UTC; the zone must be written."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    text = str(value)
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is not an instant; write date, time and zone, such as 2013-03-22T09:00+01:00")
    if found[1] is None:
        raise ValueError(f"'{text}' has no time zone; add one, such as {text}Z or {text}+01:00")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise ValueError(f"'{text}' is not an instant of the calendar") from None


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
        parts = text.split("/")
        if isinstance(value, bool) or len(parts) > 2:
            raise ValueError(_partial_fault(text))
        days = [_earliest(part, text) for part in parts]
        if len(days) == 2 and days[1] < days[0]:
            raise ValueError(f"'{text}' ends before it begins")
        return cls(first=days[0], text=text)

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
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": ["string", "integer"], "description": "2012, 2012-11, 2012-11-05 or start/end"}


def _earliest(part: str, whole: str) -> date:
    found = _PART.fullmatch(part)
    if not found:
        raise ValueError(_partial_fault(whole))
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise ValueError(f"'{whole}' is not in the calendar") from None


def _partial_fault(text: str) -> str:
    return f"'{text}' is not a date; write 2012, 2012-11, 2012-11-05 or start/end"


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
