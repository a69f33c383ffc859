"""The instants at which a site changes by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import small_sites
from tocsin.library.clock import BEGINNING, instants, months_after, next_after, round_down, start_of
from tocsin.model.shared import Addressee

CHANGES = [datetime(2026, 1, day, tzinfo=UTC) for day in (10, 1, 20)]
SECOND = timedelta(seconds=1)


def test_as_of_is_the_last_change_that_is_not_later():
    assert round_down(CHANGES[0], CHANGES) == CHANGES[0]
    assert round_down(CHANGES[0] - SECOND, CHANGES) == CHANGES[1]
    assert round_down(CHANGES[2] + timedelta(days=999), CHANGES) == CHANGES[2]


def test_before_any_change_a_site_is_as_it_was_in_the_beginning():
    assert round_down(CHANGES[1] - SECOND, CHANGES) == BEGINNING
    assert round_down(CHANGES[1], []) == BEGINNING


def test_the_next_change_is_later_than_now():
    assert next_after(CHANGES[1], CHANGES) == CHANGES[0]
    assert next_after(CHANGES[1] - SECOND, CHANGES) == CHANGES[1]
    assert next_after(CHANGES[2], CHANGES) is None


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 3, 1), 12, date(2027, 3, 1)),
        (date(2026, 1, 31), 11, date(2026, 12, 31)),
        (date(2199, 12, 31), 1200, date(2299, 12, 31)),
    ],
)
def test_months_are_those_of_the_calendar(day, months, later):
    assert months_after(day, months) == later


def test_an_addressee_is_unverified_from_the_first_moment_of_a_day():
    addressee = Addressee(
        office={"en": "Minister"},
        salutation={"en": "Dear"},
        country="KE",
        tel=("1",),
        verified_on=date(2026, 3, 1),
    )
    turn = "2026-01-10T08:00:00+00:00"
    assert list(instants([turn], [addressee], 12)) == [
        datetime(2026, 1, 10, 8, tzinfo=UTC),
        start_of(date(2027, 3, 1)),
    ]


@pytest.fixture
def load(tmp_path):
    site = small_sites.copy_of("base", tmp_path)
    return lambda at: small_sites.load(site, tmp_path / "state", at=datetime.fromisoformat(at)).library


# The base closes its call after 30 September 2026, its appeal after 31 December, lifts an embargo on
# 10 January 2027 at 9 in Geneva, and holds an addressee for verified until 1 March 2027.
TURNS = [
    "2026-10-01T00:00+00:00",
    "2027-01-01T00:00+00:00",
    "2027-01-10T08:00+00:00",
    "2027-03-01T00:00+00:00",
]


def test_a_site_changes_after_deadlines_at_the_end_of_embargoes_and_when_addressees_age(load):
    at, found = "2026-06-15T12:00+00:00", []
    while (library := load(at)) is not None:
        at = library.next_change.isoformat()
        found.append(library.next_change)
    # On the day after a day of review there is no site until somebody has weighed the risk again.
    assert found == [datetime.fromisoformat(turn) for turn in [*TURNS, "2027-04-02T00:00+00:00"]]


@pytest.mark.parametrize("turn", TURNS)
def test_all_builds_between_two_changes_are_of_one_instant(load, turn):
    instant = datetime.fromisoformat(turn)
    assert load(turn).as_of == load((instant + timedelta(hours=23)).isoformat()).as_of == instant
    assert load((instant - SECOND).isoformat()).as_of < instant


def test_the_zone_of_the_clock_makes_no_difference(load):
    assert load("2027-01-10T09:30+01:00").as_of == load("2027-01-10T08:30+00:00").as_of
    assert "report:held-back" in load("2027-01-10T03:00-05:00").entries
    assert "report:held-back" not in load("2027-01-10T02:59-05:00").entries
