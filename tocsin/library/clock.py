"""The instants at which a site changes by itself, and what `as_of` becomes because of them.

A site is a function of its sources and of `as_of`. To make every build of a day equal, `as_of` is rounded
down to the last instant at which anything changes: the end of an embargo, the day after a deadline, the day
on which an addressee counts as unverified.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

from tocsin.model.shared import Addressee

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def start_of(day: date) -> datetime:
    """Midnight UTC at the beginning of `day`."""
    return datetime.combine(day, time(0), UTC)


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def instants(
    turns: Iterable[str], addressees: Iterable[Addressee], addressee_months: int, days: Iterable[date] = ()
) -> Iterator[datetime]:
    """Every instant at which readers see, or editors are told, something else without an edit.

    `turns` are those of items, `days` those at whose beginning something changes.
    """
    yield from map(datetime.fromisoformat, turns)
    yield from map(start_of, days)
    for addressee in addressees:
        yield start_of(months_after(addressee.verified_on, addressee_months))


def round_down(at: datetime, changes: Iterable[datetime]) -> datetime:
    """The last of `changes` that is not after `at`."""
    return max((instant for instant in changes if instant <= at), default=BEGINNING)


def next_after(at: datetime, changes: Iterable[datetime]) -> datetime | None:
    """The first of `changes` after `at`."""
    return min((instant for instant in changes if instant > at), default=None)
