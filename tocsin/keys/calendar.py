"""The duties of those who sign as a calendar (iCalendar, RFC 5545).

Equal metadata makes equal bytes: instants come from metadata and lifetimes, never from a clock. An event
keeps its identity when something was signed anew, so a calendar that is read again moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from tocsin.keys.status import Duty

# Days before the last day on which a calendar speaks up, as far as the lifetime is that long.
_ALARMS = (60, 30, 14, 7, 3, 1)
_WIDTH = 75


def calendar(duties: Iterable[Duty], host: str) -> bytes:
    """The file: an all-day event on the last day of each signature that expires, with alarms before it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tocsin//keys status//EN", "CALSCALE:GREGORIAN"]
    for duty in sorted(duties, key=lambda one: one.kind):
        if duty.by is not None:
            lines += _event(duty, duty.by.astimezone(UTC), host)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _event(duty: Duty, by: datetime, host: str) -> Iterator[str]:
    summary = _text(f"{duty.what[:1].upper()}{duty.what[1:]} ({host})")
    yield "BEGIN:VEVENT"
    yield f"UID:{duty.kind}@{host}"
    # When it was last signed, as near as metadata tells.
    yield f"DTSTAMP:{by - timedelta(days=duty.days):%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{duty.version}"
    # The day before: on the day itself it may be too late in the morning.
    yield f"DTSTART;VALUE=DATE:{by - timedelta(days=1):%Y%m%d}"
    yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{summary}"
    words = f"Has to sign: {duty.who_signs}.\nCommand: python3 tasks.py {duty.command}"
    yield f"DESCRIPTION:{_text(words)}"
    for days in _ALARMS:
        if days < duty.days:
            yield "BEGIN:VALARM"
            yield "ACTION:DISPLAY"
            yield f"DESCRIPTION:{summary}"
            yield f"TRIGGER:-P{days}D"
            yield "END:VALARM"
    yield "END:VEVENT"


def _text(words: str) -> str:
    """A value of the type TEXT (RFC 5545, 3.3.11)."""
    for char in "\\;,":
        words = words.replace(char, f"\\{char}")
    return words.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 bytes, which begin with a space from the second on (3.1)."""
    part = ""
    for char in line:
        if len((part + char).encode()) > _WIDTH:
            yield part
            part = " "
        part += char
    yield part
