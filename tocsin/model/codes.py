"""Case codes: the two schemes that appeals of the network carry.

* The Observatory's: `CMR 001 / 1112 / OBS 111.2`. Country (ISO 3166-1 alpha-3), the country's serial, month
  and year of the *first* appeal, `OBS` and the serial of that year, `.n` for the nth follow-up.
* The International Secretariat's: `SYR 130901.1.CC`. Country, day, month and year of the opening, optional
  `.n`, optional programme.

The stem is frozen for the life of a case, so a follow-up of 2015 still says 1112. Serials collide in the
wild: a code is shown, searched and checked, never used as a key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

Scheme = Literal["observatory", "secretariat"]

_OBSERVATORY = re.compile(
    r"(?P<country>[A-Z]{3})\s*(?P<serial>\d{3})\s*/\s*(?P<month>0[1-9]|1[0-2])(?P<year>\d\d)"
    r"\s*/\s*OBS\s*(?P<number>\d{3,4})(?:\.(?P<follow_up>\d{1,2}))?",
    re.ASCII,  # so that \d is 0-9 and no other script's digits
)
_SECRETARIAT = re.compile(
    r"(?:(?:Case|Cas|Caso)\s+)?(?P<country>[A-Z]{3})\s*(?P<day>\d\d)(?P<month>\d\d)(?P<year>\d\d)"
    r"(?:\.(?P<follow_up>\d{1,2}))?(?:\.(?P<programme>CC|VAW|ESCR))?",
    re.ASCII,
)
# The network was founded in 1985: two-digit years below this belong to the present century.
_PIVOT = 85


@dataclass(frozen=True, slots=True)
class CaseCode:
    """A code taken apart. `opened` is the first day that the code can mean."""

    scheme: Scheme
    country3: str
    opened: date
    stem: str
    follow_up: int
    programme: str

    @classmethod
    def parse(cls, value: object) -> CaseCode:
        """Read a code of either scheme in any spacing; raise `ValueError` with both patterns otherwise."""
        if isinstance(value, CaseCode):
            return value
        text = " ".join(str(value).split())
        if found := _OBSERVATORY.fullmatch(text):
            return _observatory(found)
        if found := _SECRETARIAT.fullmatch(text):
            return _secretariat(found, text)
        parts = re.split(r"\s*[/,;&]\s*", text)
        if len(parts) > 1 and all(map(_SECRETARIAT.fullmatch, parts)):
            raise ValueError(f"'{text}' holds {len(parts)} codes; write them as a list: [{', '.join(parts)}]")
        raise ValueError(
            f"'{text}' is not a case code; write it like 'CMR 001 / 1112 / OBS 111.2' or 'SYR 130901.1.CC'"
        )

    @property
    def display(self) -> str:
        """The code in its one canonical spelling."""
        follow_up = f".{self.follow_up}" if self.follow_up else ""
        programme = f".{self.programme}" if self.programme else ""
        return f"{self.stem}{follow_up}{programme}"

    @property
    def search_key(self) -> str:
        """The code without spaces and punctuation, in capitals: equal for every spelling."""
        return re.sub(r"[^A-Z0-9.]", "", self.display.upper())

    def __str__(self) -> str:
        return self.display

    def contradicts(self, issued: date) -> bool:
        """True where the code's date lies after the day on which the appeal was issued."""
        return self.opened > issued

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "examples": ["CMR 001 / 1112 / OBS 111.2", "SYR 130901.1.CC"]}


def compact(code: str) -> str:
    """A code's letters and digits alone, in capitals: what is left of it however it was copied.

    Not an identity: the second follow-up of number 111 is left equal to number 1112.
    """
    return re.sub(r"[^A-Z0-9]", "", code.upper())


def _century(year: str) -> int:
    return int(year) + (1900 if int(year) >= _PIVOT else 2000)


def _observatory(found: re.Match[str]) -> CaseCode:
    stem = f"{found['country']} {found['serial']} / {found['month']}{found['year']} / OBS {found['number']}"
    opened = date(_century(found["year"]), int(found["month"]), 1)
    return CaseCode("observatory", found["country"], opened, stem, int(found["follow_up"] or 0), "")


def _secretariat(found: re.Match[str], text: str) -> CaseCode:
    try:
        opened = date(_century(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise ValueError(
            f"'{text}' is not a case code, as there is no day {found['day']} of month {found['month']}; "
            "compare it with the printed appeal"
        ) from None
    stem = f"{found['country']} {found['day']}{found['month']}{found['year']}"
    return CaseCode(
        "secretariat", found["country"], opened, stem, int(found["follow_up"] or 0), found["programme"] or ""
    )
