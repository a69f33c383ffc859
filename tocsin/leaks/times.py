"""Times that tell when somebody worked.

A day is public: items tell it. The time of day at which a file was saved is not, and it shows over the years
when and in which zone its maker works. So a time may be midnight in UTC, the beginning of a format's own
count, or an instant that the sources state (the end of an embargo); any other is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    r"(?::[0-9]{2}(?:\.[0-9]{1,6})?)?[0-9]*(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
# RFC 822 and 9110, as RSS and HTTP have it.
_RFC = re.compile(
    r"[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? (?:[A-Z]{1,4}|[+-][0-9]{4})"
)
# PDF 32000-1, 7.9.4.
_PDF = re.compile(r"D:[0-9]{4,}")


def is_silent(instant: datetime, known: Collection[datetime] = ()) -> bool:
    """True for an instant that tells nothing of anybody's hours; without zone it counts as UTC."""
    there = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return there.time() == time() or there in known


def telling_times(text: str, known: Collection[datetime] = ()) -> Iterator[str]:
    """The times of a text, as machines write them, that are not silent."""
    for found in _ISO.finditer(text):
        instant = _read(datetime.fromisoformat, found[0])
        if instant is None or not is_silent(instant, known):
            yield found[0]
    for found in _RFC.finditer(text):
        instant = _read(parsedate_to_datetime, found[0])
        if instant is None or not is_silent(instant, known):
            yield found[0]


def holds_pdf_date(text: str) -> bool:
    """True where a text is a date as PDF writes it; documents need none."""
    return bool(_PDF.match(text))


def _read(parse: object, text: str) -> datetime | None:
    try:
        return parse(text)  # type: ignore[operator,no-any-return]
    except ValueError:
        return None
